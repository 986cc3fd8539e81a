//! Taking a decision, and the page again where it was not taken.

use super::app::sign_outs;
use super::review;
use crate::flash::{Flash, problem, sentence};
use crate::forms::Form;
use crate::problem::Problem;
use crate::respond;
use crate::views::{self, Field};
use crate::visitor::SignedIn;
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::ReviewError;
use omniport_protocol::review::{Verdict, VerdictError};
use omniport_protocol::vocabulary::ClientId;

/// Decides about `app` as the form says: `version` (the one that was shown), `comment`, `decision`.
pub(super) async fn decide(signed_in: &SignedIn, app: &ClientId, form: &Form) -> Result<Response, Problem> {
    let verdict = Verdict::parse(form.text("decision"));
    let verdict =
        verdict.ok_or_else(|| Problem::malformed("Decide with Approve, Reject, Suspend or Resume."))?;
    let seen = form.text("version").parse();
    let seen =
        seen.map_err(|_| Problem::malformed("The form does not say which version of the app it shows."))?;
    let comment = form.text("comment");
    let decided = signed_in
        .engine()
        .review_app(app, Some(signed_in.id()), verdict, comment, Some(seen))
        .await?;
    match decided {
        Ok(_) => Ok(respond::see_other(&told(verdict).at("/maintainer/review"))),
        Err(ReviewError::NotFound) => Err(Problem::not_found()),
        Err(ReviewError::Verdict(error)) => again(signed_in, app, comment, error).await,
    }
}

const fn told(verdict: Verdict) -> Flash {
    match verdict {
        Verdict::Approve => Flash::Approved,
        Verdict::Reject => Flash::Rejected,
        Verdict::Suspend => Flash::Suspended,
        Verdict::Resume => Flash::Resumed,
    }
}

/// The app as it is now, with the comment kept and why nothing was decided.
async fn again(
    signed_in: &SignedIn,
    app: &ClientId,
    comment: &str,
    error: VerdictError,
) -> Result<Response, Problem> {
    let listed = signed_in
        .engine()
        .store()
        .listed_app(app)
        .await?
        .ok_or_else(Problem::not_found)?;
    let reason = sentence(&error.to_string());
    let mut chrome = signed_in.visit.chrome();
    let (status, field) = match error {
        VerdictError::CommentMissing | VerdictError::CommentTooLong => {
            (StatusCode::UNPROCESSABLE_ENTITY, Field::refused(comment, reason))
        }
        VerdictError::OwnApp => (StatusCode::FORBIDDEN, Field::of(comment)),
        _ => {
            chrome.flash = Some(problem(reason));
            (StatusCode::CONFLICT, Field::of(comment))
        }
    };
    let review = review::of(signed_in, &listed, field).await?;
    let sign_outs = sign_outs(signed_in, app).await?;
    let page = views::MaintainerApp {
        chrome,
        review,
        sign_outs,
    };
    Ok(respond::page(status, &page))
}
