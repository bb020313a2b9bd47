/** The form, drawn by Ink. It takes no keys: they reach the form by themselves, and this draws what has become of it. */
import { useCursor, useWindowSize } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import { Rows } from '../../terminal/rows.tsx';
import type { Form } from './form.ts';
import { formLines, secondsLeftFor } from './form-lines.ts';
import { type FormLook, formLook } from './form-look.ts';
import { useSecond } from './use-second.ts';

export type FormScreenProps = {
  readonly form: Pick<Form, 'subscribe' | 'view'>;
  readonly look: Pick<FormLook, 'capabilities' | 'qr'>;
  readonly now: () => number;
};

/** For callers that know nothing of React. */
export function formTree(props: FormScreenProps): ReactElement {
  return <FormScreen {...props} />;
}

export function FormScreen({ form, look, now }: FormScreenProps) {
  const view = useSyncExternalStore(form.subscribe, form.view);
  const size = useWindowSize();
  const { setCursorPosition } = useCursor();
  const isCode = view.open.kind === 'field' && view.open.purpose === 'code';
  const epochMs = useSecond(isCode ? 'ticking' : 'still', now);
  const { lines, cursor } = formLines(view, size, formLook({ ...look, secondsLeft: secondsLeftFor(view, epochMs) }));
  setCursorPosition(cursor && { x: cursor.column, y: cursor.row });
  return <Rows lines={lines} columns={Math.max(1, size.columns - 1)} rows={size.rows} />;
}
