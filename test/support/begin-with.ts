/** The order in which test files begin. */
import { BaseSequencer, type TestSequencerConstructor, type TestSpecification } from 'vitest/node';

/**
 * Has vitest begin with the files that take longest, so that no CPU waits for the last one. The others follow in vitest's own
 * order.
 *
 * @param longest - what paths of these files contain, the longest first
 */
export function beginWith(longest: readonly string[]): TestSequencerConstructor {
  const rank = ({ moduleId }: TestSpecification): number => {
    const index = longest.findIndex((part) => moduleId.includes(part));
    return index < 0 ? longest.length : index;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
    }
  };
}
