/**
 * Makes a fresh clone runnable: installs what is missing, then builds what is older than its sources. Runs before
 * `npm start` and `npm test`, by whatever Node the machine has, so it is plain JavaScript without dependencies.
 * When everything is in place it does nothing but look (a few hundred file times).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installedStamp = join(root, 'node_modules', '.mario-lock-hash');
const builtStamp = join(root, 'dist', '.sources-hash');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Folders and endings that bundles and web pages are made of. */
const SOURCE_FOLDERS = ['apps', 'packages', 'tools'];
const SOURCE_ENDINGS = /\.(ts|tsx|js|css|html|svg|json|sql)$/;

main();

function main() {
  install();
  checkPinnedNode();
  build();
}

function install() {
  const hash = hashOf(readFileSync(join(root, 'package-lock.json')));
  if (readStamp(installedStamp) === hash) return;
  say('installing dependencies (once; again only when the lock file changes)');
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed; is the package registry reachable?');
  writeFileSync(installedStamp, hash);
}

/** npm may be configured to run no install scripts; the pinned Node comes by one. */
function checkPinnedNode() {
  const wanted = 'v' + JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies.node;
  if (pinnedNodeVersion() === wanted) return;
  npm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], 'Node could not be installed');
  const found = pinnedNodeVersion();
  if (found !== wanted) {
    fail(`Node ${wanted} is needed, node_modules/node holds ${found || 'none'}; remove node_modules and run again`);
  }
}

function pinnedNodeVersion() {
  if (!existsSync(pinnedNode)) return '';
  return spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
}

function build() {
  const hash = hashOf(sourceFiles().join('\n'));
  if (readStamp(builtStamp) === hash) return;
  say('building (again only when sources change)');
  const result = spawnSync(pinnedNode, [join(root, 'tools', 'build.ts')], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) fail('the build failed; the lines above say where');
  mkdirSync(dirname(builtStamp), { recursive: true });
  writeFileSync(builtStamp, hash);
}

/** Every source file with size and time of change. */
function sourceFiles() {
  const found = [];
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'dist') visit(path);
      } else if (SOURCE_ENDINGS.test(entry.name) && !entry.name.includes('.test.')) {
        const { size, mtimeMs } = statSync(path);
        found.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  for (const folder of SOURCE_FOLDERS) visit(join(root, folder));
  return found.sort();
}

/** Runs the npm that runs us, under the Node that runs it: the pinned one may be about to be replaced. */
function npm(args, failure) {
  const script = process.env.npm_execpath;
  const result = script
    ? spawnSync(process.env.npm_node_execpath || process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) fail(failure);
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function hashOf(content) {
  return createHash('sha256').update(content).digest('hex');
}

function say(message) {
  process.stderr.write(`mario: ${message}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
