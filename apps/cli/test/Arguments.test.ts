import { Command, Options } from "@effect/cli"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, LogLevel } from "effect"
import { strictly } from "../src/Arguments.ts"
import { specOf } from "../src/Spec.ts"
import { talkOf, talkOptions } from "../src/Talk.ts"

const spec = specOf(
  Command.make(
    "delete",
    {
      key: Options.text("key").pipe(Options.withAlias("k"), Options.withDescription("A key."), Options.repeated),
      reason: Options.text("reason").pipe(Options.withPseudoName("TEXT"), Options.optional),
      all: Options.boolean("all")
    },
    () => Effect.void
  )
)

const detailOf = (typed: ReadonlyArray<string>): string =>
  Either.match(strictly(typed, spec, "help"), {
    onLeft: ({ detail }) => detail,
    onRight: (words) => `taken as ${words.join(" ")}`
  })

describe("what is typed", () => {
  it("is known from the command itself: names, values, repetition, words of help", () => {
    assert.deepStrictEqual(spec.options, [
      { names: ["--key", "-k"], value: "text", repeats: true, about: "A key." },
      { names: ["--reason"], value: "TEXT", repeats: false, about: "" },
      { names: ["--all"], value: undefined, repeats: false, about: "" },
      ...talkOptions
    ])
  })

  it("keeps every value of a repeated option, in all three spellings", () => {
    assert.deepStrictEqual(
      strictly(["--key=a=b", "-k", "c", "--key", "d"], spec, "help"),
      Either.right(["--key", "a=b", "--key", "c", "--key", "d"])
    )
  })

  it.each([
    [["--ky", "x"], 'Unknown option "--ky". Did you mean --key?'],
    [["--frobnicate"], 'Unknown option "--frobnicate".'],
    [["--al"], 'Unknown option "--al". Did you mean --all?'],
    [["--key"], "--key needs a value: --key text."],
    [["--key", "--all"], "--key needs a value: --key text."],
    [["--key="], "--key needs a value that is not empty."],
    [["--key", ""], "--key needs a value that is not empty."],
    [["--all=no"], "--all is a switch: it takes no value."],
    [["--reason", "a", "--reason", "b"], "--reason is given more than once."],
    [["everything"], '"everything" is one argument too many.'],
    [["--", "--all"], '"--all" is one argument too many.']
  ])("refuses %j instead of guessing", (typed, detail) => {
    assert.strictEqual(detailOf(typed), detail)
  })
})

describe("how much is told", () => {
  const told = (...typed: ReadonlyArray<string>) =>
    Either.flatMap(strictly(typed, spec, "help"), (strict) => talkOf(strict, spec, "help"))

  it("is warnings, unless --verbose or --log-level say otherwise, and neither reaches the command", () => {
    assert.deepStrictEqual(told("--all"), Either.right({ level: LogLevel.Warning, words: ["--all"] }))
    assert.deepStrictEqual(told("--verbose", "--all"), Either.right({ level: LogLevel.Debug, words: ["--all"] }))
    assert.deepStrictEqual(
      told("--key", "a", "--log-level", "none", "--verbose"),
      Either.right({ level: LogLevel.None, words: ["--key", "a"] })
    )
    assert.strictEqual(Either.getOrThrow(Either.flip(told("--log-level=loud")))._tag, "UsageError")
  })

  it("takes no value of another option for itself", () => {
    const words = ["--key", "--verbose", "--reason", "--log-level"]
    assert.deepStrictEqual(
      told("--key=--verbose", "--reason=--log-level"),
      Either.right({ level: LogLevel.Warning, words })
    )
  })
})
