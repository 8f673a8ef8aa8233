import { header, markup, message, type Message, plain } from "../Blocks.ts"

/** For everybody, also for those whom the settings do not name. */
export const helpMessage = (known: boolean): Message =>
  message("What /keysweep can do.", [
    header("Keysweep"),
    markup(
      [
        "`/keysweep list` · every key of the account, only for you to see",
        "`/keysweep disable …` · can be taken back with `enable`",
        "`/keysweep disable … then-delete after:30d` · deleted after that time, unless somebody is seen to miss them; without `after:` as the settings say, or 7 days",
        "`/keysweep enable …`",
        "`/keysweep undo run_…` · takes a run back, and ends the soak of its keys",
        "`/keysweep delete …` · for good",
        "`/keysweep delete-all` · every key of the account, for good",
        "`/keysweep plan delete …` · the same as `delete …`: everything begins with a plan that you confirm"
      ].join("\n")
    ),
    markup(
      'Which keys: `key:kf_…` (an id, its beginning, or a whole name), `name:ci-*`, `expired`, `disabled`, `all`. Why: `reason:"left the team"`. For example `/keysweep delete name:ci-* expired reason:"old pipelines"`. `override`, with a reason, lifts the checks that the settings allow to be lifted.'
    ),
    plain(
      known
        ? "A plan changes nothing. You confirm it; where the settings say so, another person approves it; then it runs, once, and its message becomes the receipt."
        : "You are not among the people that the settings name, so I do nothing else for you."
    )
  ])
