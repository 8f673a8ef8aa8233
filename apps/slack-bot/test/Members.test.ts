import { assert, it } from "@effect/vitest"
import { groupDoubt } from "@keysweep/revocation/UserGroups"
import type { Fault } from "@keysweep/testkit/SlackFront"
import { startSlack } from "@keysweep/testkit/SlackStandIn"
import { Effect, Layer, Logger, Redacted, TestClock } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Members } from "../src/Members.ts"
import { SlackApi, SlackUnavailable } from "../src/SlackApi.ts"
import { layerApi } from "../src/SlackWeb.ts"
import { answerWith, confirmed, makeWorld, messageWith, refusals } from "./World.ts"

const group = "S0000SRE"
const people = [{ name: "sre", slackGroup: group }]

const isMember = (members: typeof Members.Service, user: string) =>
  Effect.map(members.of([group]), (groups) => {
    const found = groups.get(group)
    return found !== undefined && "members" in found ? found.members.has(user) : "unknown"
  })

it.effect("members are asked for once a minute, and 5 minutes after Slack's last word nobody is one", () =>
  Effect.gen(function* () {
    let [asked, users, answers] = [0, ["U1"], true]
    const failing = new SlackUnavailable({ method: "usergroups.users.list", reason: "down", retryAfterMillis: null })
    const nothing = () => Effect.die("not asked for")
    const slack = Layer.succeed(SlackApi, {
      post: nothing,
      update: nothing,
      answer: nothing,
      openModal: nothing,
      updateModal: nothing,
      upload: nothing,
      members: () =>
        Effect.suspend(() => {
          asked++
          return answers ? Effect.succeed(users) : Effect.fail(failing)
        })
    })
    const members = yield* Effect.provide(Members, Layer.provide(Members.layer, slack))
    assert.deepStrictEqual(yield* members.of([]), new Map())
    assert.isTrue(yield* isMember(members, "U1"))
    assert.isFalse(yield* isMember(members, "U2"))
    users = ["U2"]
    yield* TestClock.adjust("59 seconds")
    assert.isTrue(yield* isMember(members, "U1"))
    assert.strictEqual(asked, 1)
    yield* TestClock.adjust("1 seconds")
    assert.isFalse(yield* isMember(members, "U1"))
    assert.isTrue(yield* isMember(members, "U2"))
    answers = false
    yield* TestClock.adjust("299 seconds")
    assert.isTrue(yield* isMember(members, "U2"))
    assert.strictEqual(asked, 3)
    yield* TestClock.adjust("1 seconds")
    assert.strictEqual(yield* isMember(members, "U2"), "unknown")
    assert.strictEqual(asked, 3, "Slack is left alone after a failure")
    yield* TestClock.adjust("1 seconds")
    assert.strictEqual(yield* isMember(members, "U2"), "unknown")
    assert.strictEqual(asked, 4)
    const doubt = groupDoubt({ people, groups: yield* members.of([group]) })
    assert.include(doubt, "sre (Slack refused usergroups.users.list: down)")
    answers = true
    yield* TestClock.adjust("2 seconds")
    assert.isTrue(yield* isMember(members, "U2"))
  })
)

it.live(
  "429, 500, no answer, a cut connection, a revoked token, a missing scope: nobody is a member, and why is said",
  () =>
    Effect.gen(function* () {
      const slack = yield* Effect.acquireRelease(
        Effect.promise(() => startSlack({ people: ["otto"] })),
        (it) => Effect.promise(it.close)
      )
      slack.userGroups.set(group, [slack.user("otto")])
      const method = "usergroups.users.list"
      const secret = Redacted.make("unused")
      const options = { botToken: Redacted.make(slack.token), signingSecret: secret, apiUrl: slack.apiUrl, port: 0 }
      const fresh = Effect.provide(Members, Layer.provide(Members.layer, layerApi(options)))
      const faults: ReadonlyArray<readonly [Fault, string]> = [
        [{ method, status: 429, retryAfter: 30 }, "ratelimited"],
        [{ method, status: 500 }, "HTTP 500"],
        [{ method, status: "hang" }, "no answer"],
        [{ method, status: "reset" }, "no answer"],
        [{ method, status: 200, error: "token_revoked" }, "token_revoked"],
        [{ method, status: 200, error: "missing_scope" }, "missing_scope"]
      ]
      yield* Effect.forEach(faults, ([fault, why]) =>
        Effect.gen(function* () {
          slack.faults.push(fault)
          const groups = yield* (yield* fresh).of([group])
          assert.include(groupDoubt({ people, groups }), why)
        })
      )
      assert.isTrue(yield* isMember(yield* fresh, slack.user("otto")))
    }).pipe(Effect.scoped, Effect.provide(Logger.remove(Logger.defaultLogger)))
)

it.live("a member of a user group approves; while Slack does not say who is one, nobody does, and it says so", () =>
  Effect.gen(function* () {
    const { home, names, records, slack, start } = yield* makeWorld()
    writeFileSync(
      join(home, "keysweep.yaml"),
      [
        `people: [{ name: rita, slack: ${slack.user("rita")} }, { name: sre, slackGroup: ${group} }]`,
        "approvals: { delete: 1 }"
      ].join("\n")
    )
    const { stop } = yield* start
    // As long as Slack does not know the group: whatever else the bot asks for may come first.
    yield* Effect.promise(() => slack.command("otto", "list"))
    yield* answerWith(
      slack,
      "The members of sre (Slack refused usergroups.users.list: no_such_subteam) could not be read"
    )
    slack.userGroups.set(group, [slack.user("otto"), slack.user("rita")])
    yield* confirmed(slack, "delete key:github-ci reason:clean-up", "Plan: delete 1 key")
    const waiting = yield* messageWith(slack, "Waiting for another person")
    yield* Effect.promise(() => slack.press("mallory", waiting, "approve"))
    yield* answerWith(slack, "You are not among the people that the settings name.")
    // By the group as well, she is who she is.
    yield* Effect.promise(() => slack.press("rita", waiting, "approve"))
    yield* answerWith(slack, "Nobody approves their own request")
    while ((yield* names).includes("github-ci")) {
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      yield* Effect.sleep("1 seconds")
    }
    yield* messageWith(slack, "Done: delete 1 key")
    yield* stop
    const all = yield* records
    const approved = all.flatMap(({ event }) => (event._tag === "Approved" ? [event.approver.name] : []))
    assert.deepStrictEqual(approved, [`slack:${slack.user("otto")}`])
    assert.include(refusals(all).join("\n"), `slack:${slack.user("mallory")}: approval of`)
    assert.deepStrictEqual(slack.problems, [])
  }).pipe(Effect.scoped)
)
