/** Files that contain several kernels, or one in several ways: the configurations of a FIT, the profiles of a UKI. */

/** Which member of a file is wanted. */
export interface MemberChoice {
  /** As in `FILE#NAME`: the name of a configuration; the number or the ID of a profile. */
  readonly name?: string | undefined;
  /** The `compatible` of the machine's device tree, most specific first, for files without a default. */
  readonly compatible?: readonly string[] | undefined;
}

/** The most members of a file. Images for many boards have some hundreds. */
export const MAX_MEMBERS_OF_FILE = 4096;

/** How many members a message lists. */
const MAX_LISTED = 12;

/** Lists members for messages: `conf-1 ("board A"), conf-2, and 3 more`. */
export function listMembers(
  members: readonly { readonly name: string; readonly title?: string | undefined }[],
): string {
  const listed = members
    .slice(0, MAX_LISTED)
    .map(({ name, title }) => (title === undefined ? name : `${name} ("${title}")`));
  const more = members.length - listed.length;
  return [...listed, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
