/** What keeps secrets, changed: an envelope opens to the last bit as it was or not at all; a key file is read whole or not at all. */

import { Fault } from '../../src/core/errors.ts';
import { decodeKeyRing, encodeKeyRing, newKeyRing } from '../../src/core/node/key-ring.ts';
import { createSecretBox } from '../../src/core/node/secret-box.ts';
import { seededRandom } from '../random.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

/** The same keys and nonces in every process, so that a seed brings back the same input. */
const chance = seededRandom(20_261_124);
const random = { bytes: (count: number) => chance.bytes(count) };
const ring = newKeyRing(random, 0);
const box = createSecretBox(
  { current: () => ring.sealing[0], byId: (id) => ring.sealing.find((key) => key.id === id) },
  random,
);
const PLACES = [
  'gatehouse:pairing:id-alice:p-alice',
  'gatehouse:pairing:id-bob:p-bob',
  'gatehouse:one-time:id-alice:p-alice',
];
const sealed = PLACES.map((place) => ({ place, envelope: box.seal(Buffer.from(`secret of ${place}`), place) }));

export const envelopeFuzz = parserTorment({
  name: 'envelope-fuzz',
  about: 'sealed values changed, cut, mixed and moved: each opens only unchanged and in its own place',
  open: () => ({
    input: (each) =>
      nonsense(each, {
        examples: sealed.map(({ envelope }) => envelope),
        words: ['.', 'v1', 'v2', '=', '-', '_', ring.sealing[0].id],
      }),
    judge(envelope, each) {
      const place = each.pick(PLACES);
      const known = sealed.find((one) => one.envelope === envelope);
      try {
        const opened = Buffer.from(box.open(envelope, place)).toString();
        if (known?.place !== place || opened !== `secret of ${place}`)
          throw new Error(`it opens in ${place} to ${opened}`);
        return 'opened, unchanged';
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        if (thrown.message.includes(envelope) && envelope.length > 20)
          throw new Error('the envelope stands in the message');
        return 'refused';
      }
    },
  }),
});

const keyFile = Buffer.from(encodeKeyRing(ring)).toString();
const grammar = {
  examples: [keyFile],
  words: ['"id"', '"key"', '"sealing"', '"audit"', '"format"', '{', '}', '[', ']', ':', ',', '=='],
};

export const keyFileFuzz = parserTorment({
  name: 'key-file-fuzz',
  about: 'key files changed and cut: read whole, or refused without a word of what is in them',
  open: () => ({
    input: (each) => nonsense(each, grammar),
    judge(text) {
      try {
        const { sealing, auditKey, namesKey } = decodeKeyRing(Buffer.from(text), '/data/gatehouse.key');
        const keys = [auditKey, namesKey, ...sealing.map(({ key }) => key)];
        if (keys.some((key) => key.length !== 32)) throw new Error('a key of another length');
        return 'read';
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        if (thrown.cause !== undefined) throw new Error('the cause may quote the file');
        return 'refused';
      }
    },
  }),
});
