import { expect } from 'vitest';
import type { PlaybookRun } from './controller.js';

/** Expects a playbook to succeed, with a message somewhere in its output; blanks and line feeds count as one blank. */
export function expectSuccess({ status, output }: PlaybookRun, message: RegExp): void {
  expect(status, output).toBe(0);
  expect(joinBlanks(output)).toMatch(message);
}

/** Expects a playbook to fail with a message; blanks and line feeds count as one blank. */
export function expectFailure({ status, output }: PlaybookRun, message: RegExp): void {
  expect(joinBlanks(output)).toMatch(message);
  expect(status).not.toBe(0);
}

function joinBlanks(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
