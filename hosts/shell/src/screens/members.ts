// Who belongs to a topic.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import { topicPath } from "../frame/route.js";
import type { Hex, Member } from "../host/methods.js";
import { fault, waiting } from "../parts/fault.js";
import { person, wholePerson } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { count, line } from "../parts/words.js";
import { confirm } from "../prompts/confirm.js";

class Members extends Part {
  static override properties = { topic: {} };
  declare topic: Hex;

  private readonly doing = new Doing(this);
  private readonly members = new Live(this, {
    method: "members",
    params: () => ({ topic: this.topic }),
    concerns: (notice) => notice.kind === "topic" && notice.topic === this.topic,
  });

  protected override render(): TemplateResult {
    const { answer } = this.members;
    if (!answer) return waiting(this.members.fault);
    if (answer.members.length === 0) {
      return html`<p class="muted">Who belongs to it is known once its events are here and its app is installed.</p>`;
    }
    return html`<h2>${count(answer.members.length + answer.more, "member")}</h2>
      ${fault(this.doing.fault)}
      <ul class="rows">
        ${repeat(
          answer.members,
          (member) => member.person,
          (member) => this.row(member),
        )}
      </ul>
      ${answer.more > 0 ? html`<p class="muted">And ${count(answer.more, "more member")}.</p>` : null}`;
  }

  private row(member: Member): TemplateResult {
    return html`<li class="row">
      <div>
        ${person(member.person, member.name, member.you)} ${member.founder ? html`<span class="chip">founder</span>` : null}
        <p class="muted">
          ${member.person === member.inviter
            ? html`<a href=${topicPath(this.topic, "history", member.joined)}
                >${member.founder ? "founded the topic" : "came in by themselves"}</a
              >`
            : html`<a href=${topicPath(this.topic, "history", member.joined)}>invited</a> by
                ${person(member.inviter, member.inviter_name)}`}
        </p>
      </div>
      ${member.you || member.founder
        ? null
        : html`<button
            type="button"
            class="danger quiet"
            aria-label=${`Remove ${member.name}`}
            ?disabled=${this.doing.busy}
            @click=${() => this.removeMember(member)}
          >Remove</button>`}
    </li>`;
  }

  private async removeMember(member: Member): Promise<void> {
    const sure = await confirm({
      title: "Remove this member?",
      text: html`<p>${wholePerson(member.person, member.name)}</p>
        <p>What they did as far as it is here stays; from now on nothing of theirs counts. Those they invited stay.</p>`,
      yes: "Remove",
    });
    if (!sure) return;
    await this.doing.run(async () => {
      const done = await desk.call("remove", { topic: this.topic, person: member.person });
      announce(done.verdict === "accept" ? "Removed" : `Not removed: ${line(done.reason)}`);
    });
  }
}

customElements.define("m-members", Members);
