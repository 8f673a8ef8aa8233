import { Effect } from "effect"
import { chanceOf } from "../Chance.ts"

/** Applications that use some of the keys, old and new, while both work. What they are refused costs nothing. */
export const spending = (url: string, seed: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    const chance = chanceOf(seed)
    const told = await fetch(new URL("/__emulator/state", url))
    const {
      accounts
    }: { readonly accounts: ReadonlyArray<{ readonly keys: ReadonlyArray<{ readonly key: string }> }> } = JSON.parse(
      await told.text()
    )
    for (const { key } of accounts[0]?.keys ?? []) if (chance.yes(0.5)) await use(url, key)
  })

/** One call of an application that has the key. */
export const use = async (url: string, key: string): Promise<void> => {
  const reply = await fetch(`${url}/chat/completions?by=somebody`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] })
  })
  await reply.arrayBuffer()
}
