/** What an admin does in a shell between two steps of a journey. */
import { runGatehouse } from './gatehouse-process.ts';
import type { JourneyFacility } from './journey-facility.ts';

/** Standard output of a command that has to go well. */
export async function withAdmin(at: JourneyFacility, args: readonly string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await runGatehouse(args, {
    folder: at.folder,
    ...(input === undefined ? {} : { input }),
  });
  if (status !== 0) throw new Error(`gatehouse ${args.join(' ')}: ${status} ${stderr}`);
  return stdout.trim();
}
