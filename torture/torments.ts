/** Every torment, in the order in which they are begun: the longest first, so that none is left to run alone. */
import { blockedTrails } from './files/blocked-trails.ts';
import { damagedDatabases } from './files/damaged-databases.ts';
import { damagedTrails } from './files/damaged-trails.ts';
import { failedCalls } from './files/failed-calls.ts';
import { configFuzz } from './fuzz/config.ts';
import { hostLinesFuzz, serverLinesFuzz } from './fuzz/conversation-lines.ts';
import { googleAuthenticatorFuzz, otpauthFuzz } from './fuzz/foreign-secrets.ts';
import { keyPressFuzz } from './fuzz/key-presses.ts';
import { envelopeFuzz, keyFileFuzz } from './fuzz/sealed.ts';
import { typedCodeFuzz } from './fuzz/typed-codes.ts';
import { usersCsvFuzz } from './fuzz/users-csv.ts';
import { jsonHosts } from './gate/json-hosts.ts';
import { keysAtConsole } from './gate/keys-at-console.ts';
import { keysAtGate } from './gate/keys-at-gate.ts';
import { heldLocks } from './store/held-locks.ts';
import { killedMoves } from './store/killed-moves.ts';
import { killedRotations } from './store/killed-rotations.ts';
import { killedSaves, killedSqliteSaves } from './store/killed-saves.ts';
import { killedServerMoves } from './store/killed-server-moves.ts';
import { mixedWriters } from './store/mixed-writers.ts';
import { sameCodeRaces } from './store/same-code-races.ts';
import { serverRecords } from './store/server-records.ts';
import type { Torment } from './torment.ts';

export const TORMENTS: readonly Torment[] = [
  serverRecords,
  killedSaves,
  killedRotations,
  killedMoves,
  killedServerMoves,
  killedSqliteSaves,
  sameCodeRaces,
  mixedWriters,
  heldLocks,
  failedCalls,
  blockedTrails,
  damagedDatabases,
  damagedTrails,
  keysAtConsole,
  keysAtGate,
  jsonHosts,
  configFuzz,
  usersCsvFuzz,
  hostLinesFuzz,
  serverLinesFuzz,
  keyPressFuzz,
  envelopeFuzz,
  keyFileFuzz,
  typedCodeFuzz,
  otpauthFuzz,
  googleAuthenticatorFuzz,
];
