/** What `doctor --profile` says: each requirement of a standard as a check of its own, named `pci 8.3.4`. */
import { findingsOf, type Profile } from '../profile/profile.ts';
import type { Check } from './doctor-check.ts';
import type { Facility } from './facility.ts';

type Asked = { readonly facility: Facility; readonly profile?: Profile | undefined };

export async function profileChecks({ facility, profile }: Asked): Promise<readonly Check[]> {
  if (profile === undefined) return [];
  const { store, config } = facility;
  const findings = findingsOf(profile, { config, users: await store.users(), now: await store.now() });
  return findings.map(({ requirement, level, text }) => ({ name: `${profile} ${requirement}`, level, text }));
}
