import { useMemo } from 'preact/hooks';

/** The list of an earlier call, if it has the same items: so that a job is not done again for an equal list. */
export function useSameList<Item>(list: readonly Item[]): readonly Item[] {
  return useMemo(() => list, list as Item[]);
}
