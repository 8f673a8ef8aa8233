import type { FaultInput } from "@keysweep/emulator/Faults"
import type { Arena } from "./Arena.ts"
import { type Chance, chanceOf } from "./Chance.ts"
import { use } from "./child/Spending.ts"
import { type RandomVerdict, through, triesText, type Try } from "./RandomKills.ts"
import { endText, isDone } from "./Recovery.ts"

/** A rotation with keys, kills, faults and spending of its own. */
export interface RotationCase {
  readonly money: "transfer" | "cap"
  readonly dialect: "static" | "path"
  readonly keys: ReadonlyArray<{ readonly name: string; readonly allocated: number; readonly calls: number }>
  readonly tries: ReadonlyArray<Try>
  readonly spending: number
}

/** Credits of one call: no sum of these is a round number. */
const chatPrice = 0.010_001

/** Odd numbers where allocations are caps, even ones where they are transferred. */
export const rotationCase = (seed: number, number: number): RotationCase => {
  const chance = chanceOf(seed * 100_003 + number)
  return {
    money: number % 2 === 0 ? "transfer" : "cap",
    dialect: chance.yes(0.7) ? "path" : "static",
    keys: Array.from({ length: 1 + chance.below(3) }, (_, index) => ({
      name: `app-${index}`,
      allocated: (50_000 + chance.below(250_000)) / 1_000_000,
      calls: chance.below(3)
    })),
    tries: Array.from({ length: 1 + chance.below(2) }, () => ({
      faults: chance.yes(0.6) ? [randomFault(chance)] : [],
      others: [],
      killAfter: Math.round(100 + 900 * chance.next())
    })),
    spending: chance.below(1_000_000)
  }
}

const randomFault = (chance: Chance): FaultInput => ({
  match: { method: "POST", path: `/auth/proxy/${chance.one(["create", "toggle*", "update*", "validate"])}` },
  kind: chance.one<FaultInput["kind"]>(["drop-after", "drop-before", "status"]),
  status: 503,
  skip: chance.below(3)
})

/** Rotates an account's new keys through all of it, and looks whether every millionth of a credit is still there. */
export const runRotation = async (arena: Arena, seed: number, number: number): Promise<RandomVerdict> => {
  const { dialect, keys, money, spending, tries } = rotationCase(seed, number)
  const { emulator } = arena
  await arena.trade(money, chatPrice)
  await arena.clear(dialect)
  for (const { allocated, name } of keys) {
    await emulator.somebody("POST", "/auth/proxy/create", { name, expires_at: -1, allocated_ammount: allocated })
  }
  const { keys: made } = await emulator.state()
  for (const { calls, name } of keys) {
    const secret = made.find((key) => key.name === name)?.key ?? ""
    for (let call = 0; call < calls; call++) await use(emulator.url, secret)
  }
  const names = keys.map(({ name }) => name)
  const beginning = await arena.look()
  const rotate = await arena.prepare({ _tag: "After", for: "rotate", keys: names }, dialect)
  // The old keys stay, disabled: what each had left in the end is what its new key may spend.
  const task = rotate._tag === "Replace" ? { ...rotate, due: false } : rotate
  const { end, kills, problems, spent } = await through(arena, { task, dialect, beginning, tries, spending })
  return {
    number,
    spent,
    story: `rotation of ${keys.length} keys, ${money} (${dialect}): ${triesText(tries)}`,
    kills,
    ended: end._tag === "Killed" ? "killed" : end.report.ended,
    problems: [...problems, ...(isDone(end) ? [] : [`I6: the last resume ended with ${endText(end)}`])]
  }
}
