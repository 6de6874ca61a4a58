/** The frame around the status pages: navigation, type and colours, in light and dark. */
import { Html, html } from './html.ts';

const PAGES: readonly (readonly [path: string, title: string])[] = [
  ['/query', 'Query'],
  ['/targets', 'Targets'],
  ['/service-discovery', 'Service discovery'],
  ['/rules', 'Rules'],
  ['/alerts', 'Alerts'],
  ['/tsdb-status', 'Storage'],
  ['/config', 'Configuration'],
  ['/flags', 'Flags'],
];

const STYLE = new Html(`
:root{color-scheme:light dark;--bg:light-dark(#fbfaf8,#161513);--fg:light-dark(#24211d,#e9e5df);--dim:light-dark(#6f675d,#9d958a);
--line:light-dark(#e4dfd7,#33302b);--card:light-dark(#fff,#1e1c19);--accent:light-dark(#b3391f,#ee8a6b);
--ok:light-dark(#22703a,#74c98d);--bad:light-dark(#b3261e,#ff8b80);--wait:light-dark(#8a5a00,#f0bf5a)}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;padding:14px 24px;border-bottom:1px solid var(--line);background:var(--card)}
header strong{margin-right:12px}header a{color:var(--dim);text-decoration:none;padding:2px 0}header a:hover{color:var(--fg)}
header a[aria-current]{color:var(--fg);box-shadow:inset 0 -2px var(--accent)}
main{max-width:1280px;margin:0 auto;padding:24px}h1{font-size:22px;margin:0 0 16px}h2{font-size:16px;margin:28px 0 8px}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:6px}
th,td{text-align:left;padding:7px 12px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
th{white-space:nowrap}td code,td.err,.labels{overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}th{font-weight:600;color:var(--dim);font-size:13px}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code,pre,textarea{font:13px/1.5 ui-monospace,monospace}pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:14px;overflow:auto}
.state{font-weight:600}.up,.ok,.inactive{color:var(--ok)}.down,.err,.firing{color:var(--bad)}.unknown,.pending{color:var(--wait)}
.dim{color:var(--dim)}.labels code{display:inline-block;background:var(--bg);border:1px solid var(--line);border-radius:4px;padding:0 6px;margin:1px 3px 1px 0}
form{display:flex;gap:10px;align-items:flex-start;margin-bottom:16px}textarea{flex:1;min-height:64px;padding:10px;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px}
button{font:inherit;font-weight:600;padding:9px 18px;border:0;border-radius:6px;background:var(--accent);color:var(--bg);cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}`);

export function page(path: string, title: string, body: Html): string {
  const links = PAGES.map(([to, name]) =>
    to === path ? html`<a href="${to}" aria-current="page">${name}</a>` : html`<a href="${to}">${name}</a>`,
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · Metrics</title><style>${STYLE}</style></head>
<body><header><strong>Metrics</strong>${links}</header><main><h1>${title}</h1>${body}</main></body></html>
`.text;
}
