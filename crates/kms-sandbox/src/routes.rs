//! Every route, by subject.

mod broadcast;
mod control;
mod faults;
mod kms;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use crate::{answer::ApiError, chains, server::Shared};

pub(crate) fn all() -> Router<Shared> {
    let keyed = Router::new()
        .merge(kms::routes())
        .merge(broadcast::routes())
        .merge(chains::keyed_routes())
        .route_layer(middleware::from_fn(require_key));
    Router::new()
        .merge(keyed)
        .merge(chains::open_routes())
        .merge(control::routes())
        .merge(faults::routes())
}

async fn require_key(request: Request, next: Next) -> Response {
    if request.headers().get("x-api-key").is_some_and(|key| !key.is_empty()) {
        next.run(request).await
    } else {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "subscription.invalid",
            "the header x-api-key is missing or empty",
        )
        .into_response()
    }
}
