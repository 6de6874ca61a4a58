/** What the tests of storage and of the stores share; not part of the product. */

export {
  acknowledge,
  type CrashHarnessOptions,
  type CrashRun,
  runUntilKilled,
  seededRandom,
  testSeed,
} from './crash-harness.ts';
export { type Fault, FaultPlan, faultDirectory } from './fault-directory.ts';
export { type CutKind, PowerCutDirectory, PowerSupply } from './power-cut.ts';
export { withTemporaryFolder } from './temporary-folder.ts';
