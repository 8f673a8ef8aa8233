import type { Inventory, InventoryKey } from "./Inventory.ts"

/**
 * The keys that somebody may mean who has typed so much: every word of it stands in the name, the id or the state. Those
 * whose name or id begins with it come first; nothing typed is every key. For pickers: what is chosen is an id.
 */
export const keysLike = ({ keys }: Inventory, typed: string, most: number): ReadonlyArray<InventoryKey> => {
  const words = typed.toLowerCase().split(/\s+/u).filter(Boolean)
  const start = words.join(" ")
  return keys
    .filter(({ id, name, state }) => {
      const text = `${name} ${id} ${state}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .map((key) => ({ key, first: key.name.toLowerCase().startsWith(start) || key.id.startsWith(start) ? 0 : 1 }))
    .sort((a, b) => a.first - b.first || byText(a.key.name, b.key.name) || byText(a.key.id, b.key.id))
    .slice(0, most)
    .map(({ key }) => key)
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
