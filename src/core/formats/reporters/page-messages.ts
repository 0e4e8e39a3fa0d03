import type { TrendText } from './page-data.js';

/** What an editor and its page tell each other. HTML is as our renderers write it: all that is not ours is escaped. */

export type ToPage =
  /** The overview, or what has changed in it. */
  | {
      readonly type: 'budgets';
      /** The lines that are new or have changed. */
      readonly lines: readonly { readonly id: string; readonly html: string }[];
      /** The ids of all lines, worst first. */
      readonly order: readonly string[];
      readonly tally: string;
      readonly about: string;
      readonly tags: readonly string[];
    }
  | { readonly type: 'card'; readonly id: string; readonly html: string; readonly trends: readonly TrendText[] }
  | { readonly type: 'sparks'; readonly sparks: readonly { readonly id: string; readonly html: string }[] }
  /** Shows the card of a budget alone; null shows all. */
  | { readonly type: 'show'; readonly id: string | null };

/** What a button of a card does. */
export type PageAction = 'run' | 'goTo' | 'explain';

export type FromPage =
  | { readonly type: 'ready' }
  /** A card has come into view. */
  | { readonly type: 'card'; readonly id: string }
  /** Lines without their history have come into view. */
  | { readonly type: 'sparks'; readonly ids: readonly string[] }
  | { readonly type: 'commit'; readonly id: string; readonly commit: string }
  | { readonly type: 'do'; readonly id: string; readonly action: PageAction }
  /** Which card is shown alone, for the title of the tab. */
  | { readonly type: 'shown'; readonly id: string | null };
