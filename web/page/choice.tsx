import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';

/** Items of a choice are at most as many: a longer list is slow to open, and nobody finds an item in it. */
export const MAX_CHOICES = 200;

interface ChoiceProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly chosen: Item;
  readonly name: (item: Item) => string;
  readonly onChoose: (item: Item) => void;
}

/** A list of which one item is chosen. */
export function Choice<Item>({ label, items, chosen, name, onChoose }: ChoiceProps<Item>): JSX.Element {
  return (
    <label>
      {label}{' '}
      <select
        value={items.indexOf(chosen)}
        onChange={({ currentTarget }) => onChoose(items[Number(currentTarget.value)] as Item)}
      >
        {items.map((item, index) => (
          <option key={index} value={index}>
            {escapeField(name(item), 80)}
          </option>
        ))}
      </select>
    </label>
  );
}
