import { Command, Options } from "@effect/cli"
import { print } from "./Output.ts"
import { group, verb } from "./Tree.ts"

/** The commands, in the order in which help shows them. */
export const root = group(
  "keysweep",
  "Take Electron Hub proxy keys out of service safely: plan, back up, confirm, revoke, prove.",
  verb("list", { about: "Show the keys.", examples: ["keysweep list"] }, Command.make("list", { json: Options.boolean("json").pipe(Options.withDescription("One JSON document on stdout.")), key: Options.text("key").pipe(Options.withAlias("k"), Options.withDescription("Foo"), Options.repeated) }, (it) => print(JSON.stringify(it)))),
  group("plan", "Plan", verb("delete", {about: "x"}, Command.make("delete", {}, () => print("d"))))
)
