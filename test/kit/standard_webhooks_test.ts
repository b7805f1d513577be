import assert from "node:assert/strict";
import { signatureOf, signingKey } from "../../src/kit/standard_webhooks.ts";
import { UserError } from "../../src/user_error.ts";

Deno.test("The signature is the one of the standard's own example, for a text and for its bytes", () => {
  const key = signingKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const body = '{"test": 2432232314}';
  for (const each of [body, new TextEncoder().encode(body)]) {
    assert.equal(
      signatureOf(key, { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, body: each }),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  }
});

Deno.test("A secret that was copied in part says so, and does not say itself", () => {
  assert.throws(() => signingKey("whsec_not base64!"), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /copy it again/);
    assert.doesNotMatch(error.message, /not base64!/);
    return true;
  });
});
