/**
 * fast-check with one seed for every run, so that a red test is due to what was changed. `PROPERTY_SEED=N npm test` tries other cases, and so
 * does `npm run torture`, which draws a seed of its own each time.
 */
import fc from 'fast-check';

export const PROPERTY_SEED = Number(process.env.PROPERTY_SEED ?? 8_176_201);

fc.configureGlobal({ seed: PROPERTY_SEED });

export * from 'fast-check';
export default fc;
