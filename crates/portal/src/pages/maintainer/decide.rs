//! Taking a decision, and the page again where it was not taken.

use super::app::{marks, sign_outs};
use super::review::{self, Typed};
use crate::flash::{Flash, problem, sentence};
use crate::forms::Form;
use crate::problem::Problem;
use crate::views::{self, Field};
use crate::visitor::SignedIn;
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::{RemarkError, ReviewError, Seen};
use omniport_protocol::review::{LegacyMark, Verdict, VerdictError};
use omniport_protocol::vocabulary::{ClientId, PersonId};

/// Does with `app` what the form's `decision` says: a verdict with `version`, `seen` and `comment`, or a comment, a note
/// or a claim, which decide nothing.
pub(super) async fn decide(signed_in: &SignedIn, app: &ClientId, form: &Form) -> Result<Response, Problem> {
    match form.text("decision") {
        "comment" => remark(signed_in, app, form.text("comment"), false).await,
        "note" => remark(signed_in, app, form.text("note"), true).await,
        "claim" => claim(signed_in, app, form, true).await,
        "release" => claim(signed_in, app, form, false).await,
        "mark" => mark(signed_in, app, form).await,
        word => match Verdict::parse(word) {
            Some(verdict) => rule(signed_in, app, form, verdict).await,
            None => Err(Problem::malformed(
                "Decide with Approve, Request changes, Reject, Suspend or Resume.",
            )),
        },
    }
}

async fn rule(
    signed_in: &SignedIn,
    app: &ClientId,
    form: &Form,
    verdict: Verdict,
) -> Result<Response, Problem> {
    let version = form.text("version").parse();
    let version = version
        .map_err(|_| Problem::malformed("The form does not say which version of the app it shows."))?;
    let seen = Seen {
        version,
        event: form.text("seen").parse().ok(),
    };
    let comment = form.text("comment");
    let decided = signed_in
        .engine()
        .review_app(app, Some(signed_in.by()), verdict, comment, Some(seen))
        .await?;
    match decided {
        Ok(_) => Ok(respond::see_other(&told(verdict).at("/maintainer/review"))),
        Err(ReviewError::NotFound) => Err(Problem::not_found()),
        Err(ReviewError::Verdict(error)) => {
            let reason = sentence(&error.to_string());
            let (status, field) = match error {
                VerdictError::CommentMissing | VerdictError::CommentTooLong => {
                    let field = Field::refused(comment, reason.clone());
                    (StatusCode::UNPROCESSABLE_ENTITY, field)
                }
                VerdictError::OwnApp => (StatusCode::FORBIDDEN, Field::of(comment)),
                _ => (StatusCode::CONFLICT, Field::of(comment)),
            };
            let typed = Typed {
                comment: field,
                ..Typed::default()
            };
            again(signed_in, app, typed, status, &reason).await
        }
    }
}

/// What an app may do although it is unsafe: all the boxes as they are ticked.
async fn mark(signed_in: &SignedIn, app: &ClientId, form: &Form) -> Result<Response, Problem> {
    let ticked = |mark: &LegacyMark| form.is_ticked(mark.as_str());
    let marks: Vec<LegacyMark> = LegacyMark::ALL.into_iter().filter(ticked).collect();
    match signed_in.engine().mark_app(app, signed_in.by(), &marks).await? {
        Ok(()) => Ok(respond::see_other(&Flash::Saved.at(&paths::review(app)))),
        Err(ReviewError::NotFound) => Err(Problem::not_found()),
        Err(ReviewError::Verdict(error)) => {
            let reason = sentence(&error.to_string());
            let status = match error {
                VerdictError::OwnApp => StatusCode::FORBIDDEN,
                _ => StatusCode::CONFLICT,
            };
            again(signed_in, app, Typed::default(), status, &reason).await
        }
    }
}

/// A comment to the team, or a note among maintainers.
async fn remark(
    signed_in: &SignedIn,
    app: &ClientId,
    text: &str,
    for_maintainers: bool,
) -> Result<Response, Problem> {
    let written = signed_in
        .engine()
        .remark_on_app(app, Some(signed_in.by()), text, for_maintainers)
        .await?;
    match written {
        Ok(()) => Ok(respond::see_other(&Flash::Commented.at(&paths::review(app)))),
        Err(RemarkError::NotFound) => Err(Problem::not_found()),
        Err(error) => {
            let reason = sentence(&error.to_string());
            let refused = Field::refused(text, reason.clone());
            let (comment, note) = if for_maintainers {
                (Field::default(), refused)
            } else {
                (refused, Field::default())
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            again(signed_in, app, Typed { comment, note }, status, &reason).await
        }
    }
}

/// "I review this", or no longer. `claimed_by` is who did on the page that was seen.
async fn claim(signed_in: &SignedIn, app: &ClientId, form: &Form, claims: bool) -> Result<Response, Problem> {
    let was = match form.text("claimed_by") {
        "" => None,
        number => Some(PersonId(number.parse().map_err(|_| {
            Problem::malformed("The form does not say who reviewed the app.")
        })?)),
    };
    match signed_in
        .engine()
        .claim_app(app, signed_in.by(), claims, was)
        .await?
    {
        Ok(()) => {
            let flash = if claims { Flash::Claimed } else { Flash::Released };
            Ok(respond::see_other(&flash.at(&paths::review(app))))
        }
        Err(RemarkError::NotFound) => Err(Problem::not_found()),
        Err(error) => {
            let reason = sentence(&error.to_string());
            again(signed_in, app, Typed::default(), StatusCode::CONFLICT, &reason).await
        }
    }
}

const fn told(verdict: Verdict) -> Flash {
    match verdict {
        Verdict::Approve => Flash::Approved,
        Verdict::RequestChanges => Flash::ChangesRequested,
        Verdict::Reject => Flash::Rejected,
        Verdict::Suspend => Flash::Suspended,
        Verdict::Resume => Flash::Resumed,
    }
}

/// The app as it is now, with what was typed and why nothing was done.
async fn again(
    signed_in: &SignedIn,
    app: &ClientId,
    typed: Typed,
    status: StatusCode,
    reason: &str,
) -> Result<Response, Problem> {
    let listed = signed_in
        .engine()
        .store()
        .listed_app(app)
        .await?
        .ok_or_else(Problem::not_found)?;
    let mut chrome = signed_in.visit.chrome();
    if status == StatusCode::CONFLICT {
        chrome.flash = Some(problem(reason));
    }
    let review = review::of(signed_in, &listed, typed).await?;
    let page = views::MaintainerApp {
        chrome,
        review,
        sign_outs: sign_outs(signed_in, app).await?,
        marks: marks(signed_in, &listed.app).await?,
    };
    Ok(respond::page(status, &page))
}
