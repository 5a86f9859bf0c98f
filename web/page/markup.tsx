import type { JSX } from 'preact';

/**
 * Shows markup that a job made: the only place of the page where a text becomes markup.
 *
 * @param markup - from templates of `src/view/html`, which escape every text; the page's policy runs no script in it
 */
export function Markup({ markup }: { readonly markup: string }): JSX.Element {
  return <div dangerouslySetInnerHTML={{ __html: markup }} />;
}
