// The modules of src/kit import these modules outside of it. A worker loads them before the service's code, so a service
// needs permission to read src/kit only, and no other part of Livecue.
import "../backoff.ts";
import "../certificate_advice.ts";
import "../clean_text.ts";
import "../clock.ts";
import "../event.ts";
import "../money.ts";
import "../user_error.ts";
import "../nearest_names.ts";
import "../retry_after.ts";
import "../words.ts";
