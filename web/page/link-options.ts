import { createContext } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Options by the names that they have in commands, without dashes. */
export type LinkOptions = Readonly<Record<string, string>>;

/** The options with which the page was opened. */
export const LinkContext = createContext<LinkOptions>({});

/** The options in the address of the page, behind its `#`. They never name more of a file than its name. */
export function useAddressOptions(): { readonly address: string; readonly options: LinkOptions } {
  const [address, setAddress] = useState(location.hash);
  useEffect(() => {
    const stop = new AbortController();
    addEventListener('hashchange', () => setAddress(location.hash), { signal: stop.signal });
    return () => stop.abort();
  }, []);
  return { address, options: Object.fromEntries(new URLSearchParams(address.slice(1))) };
}

/** The end of an address that holds options. @param options - those that are undefined are left out */
export function formatLink(options: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(options).filter(
    (option): option is [string, string] => option[1] !== undefined,
  );
  return `#${new URLSearchParams(given)}`;
}
