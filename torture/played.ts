/** A log-on played to its end: answers in the order of the questions; then nobody is there any more. */
import type { Conversation, Done } from '../src/core/login/message.ts';

export async function played(conversation: Conversation, answers: readonly string[]): Promise<Done> {
  const left = [...answers];
  let said = await conversation.start();
  for (;;) {
    const last = said.at(-1);
    if (last?.type === 'done') return last;
    const answer = left.shift();
    if (last?.type !== 'ask' || answer === undefined) said = await conversation.inputEnded();
    else said = await conversation.answer(last.id, answer);
  }
}
