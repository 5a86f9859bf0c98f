import { Component, type ComponentChild, type FunctionComponent, h } from 'preact';

/** A component that is rendered again only if one of its properties is another one. */
export function memo<Props extends object>(component: FunctionComponent<Props>): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const names = Object.keys(next) as (keyof Props)[];
      return names.some((name) => next[name] !== (this.props as Props)[name]);
    }

    override render(props: Props): ComponentChild {
      return h(component as FunctionComponent<object>, props);
    }
  }
  return Memo as unknown as FunctionComponent<Props>;
}
