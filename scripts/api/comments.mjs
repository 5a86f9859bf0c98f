/** Reads TSDoc comments. */

/**
 * The parts of a comment.
 *
 * @param {string} comment - with its delimiters; may be empty
 * @returns the text before the first tag, and what follows each tag, by the tag's name
 */
export function parseComment(comment) {
  const text = comment
    .replace(/^\s*\/\*\*/, '')
    .replace(/\*\/\s*$/, '')
    .replace(/^[ \t]*\*( |$)/gm, '')
    .replace(/\{@link ([^}\s]+)[^}]*\}/g, '`$1`');
  const [summary, ...rest] = text.split(
    /(?:^|\s)@(?=(?:param|returns|throws|example|packageDocumentation)\b)/,
  );
  const tags = rest.map((tag) => /^(\w+)\s*([\s\S]*)$/.exec(tag).slice(1));
  const named = (name) => tags.filter(([tag]) => tag === name).map(([, body]) => body.trim());
  return {
    summary: summary.trim(),
    params: named('param'),
    returns: named('returns'),
    throws: named('throws'),
    examples: named('example'),
    isPackage: named('packageDocumentation').length > 0,
  };
}

/** The first comment of a module, which documents the module. */
export function moduleComment(text) {
  const [comment = ''] = /^\s*\/\*\*[\s\S]*?\*\//.exec(text) ?? [];
  return parseComment(comment);
}

/** The comment that ends where a declaration starts; empty if there is none. */
export function commentBefore(text, start) {
  const before = text.slice(0, start).trimEnd();
  return before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : '';
}
