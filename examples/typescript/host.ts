/** A host program in TypeScript with the gate in front of it: nothing of it runs before a grant. Started by `node host.ts`. */
import { exitStatus, openGate } from 'gatehouse/gate';

// By its absolute path: the folder and $GATEHOUSE_CONFIG may be chosen by the person who logs on.
const gate = openGate({ config: '/etc/gatehouse/config.ini' });

// Asks on stdin and stdout; whatever goes wrong is a verdict too, and never a grant.
const verdict = await gate.login();
await gate.close();
if (verdict.outcome !== 'granted') process.exit(exitStatus(verdict));

console.log(`Welcome, ${verdict.user} (${verdict.method}).`);
