import { useEffect, useState } from 'preact/hooks';

/** Where the style sheets make the page narrow, too. */
const NARROW = '(max-width: 40rem)';

/** Whether the page is as narrow as a telephone. */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const stop = new AbortController();
    const query = matchMedia(NARROW);
    query.addEventListener('change', ({ matches }) => setNarrow(matches), { signal: stop.signal });
    return () => stop.abort();
  }, []);
  return isNarrow;
}
