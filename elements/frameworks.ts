import type { LitElement } from 'lit';

/*
 * The tags as the templates of React and Vue know them: types alone, read off the classes of the elements. Who has neither
 * framework has nothing to install: what cannot be resolved then is passed over, line by line, and nobody asks for it.
 */

type Tags = Pick<HTMLElementTagNameMap, Extract<keyof HTMLElementTagNameMap, `chatter-${string}`>>;

type EventType = Extract<keyof HTMLElementEventMap, `chatter-${string}`>;

/** A method is always there; a property that takes a function can also be without one. */
type PropertyName<E> = { [Name in keyof E & string]: E[Name] extends (...given: never[]) => unknown ? never : Name }[Exclude<keyof E, keyof LitElement> & string];

type KebabCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${Lowercase<First>}${Rest extends Uncapitalize<Rest> ? '' : '-'}${KebabCase<Rest>}`
  : Name;

type PascalCase<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${Capitalize<First>}${PascalCase<Rest>}` : Capitalize<Name>;

/** What can be set on a tag: the element's properties, and those that are text or yes and no also as attributes. */
export type TagAttributes<E extends HTMLElement> = { [Name in PropertyName<E>]?: E[Name] } & {
  [Name in PropertyName<E> as E[Name] extends string | boolean | undefined ? KebabCase<Name> : never]?: E[Name];
};

/** React 19 listens to events of custom elements by their own names: `onchatter-send`. */
export type ReactListeners = { [Type in EventType as `on${Type}`]?: (event: HTMLElementEventMap[Type]) => void };

export type VueListeners = { [Type in EventType as `on${PascalCase<Type>}`]?: (event: HTMLElementEventMap[Type]) => void };

/** @ts-ignore: there may be no React. */
type OfReact<E> = import('react').ClassAttributes<E> & import('react').HTMLAttributes<E>;

/** @ts-ignore: there may be no Vue. */
type OfVue = import('vue').HTMLAttributes & import('vue').ReservedProps;

type ReactTags = { [Tag in keyof Tags]: OfReact<Tags[Tag]> & TagAttributes<Tags[Tag]> & ReactListeners };

type VueTags = { [Tag in keyof Tags]: new () => Tags[Tag] & { $props: OfVue & TagAttributes<Tags[Tag]> & VueListeners } };

/** @ts-ignore: there may be no React. */
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends ReactTags {}
  }
}

/** @ts-ignore: there may be no Vue. */
declare module 'vue' {
  interface GlobalComponents extends VueTags {}
}
