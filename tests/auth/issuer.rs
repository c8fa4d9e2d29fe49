//! An identity provider within the test: it publishes keys, signs tokens, and counts who asks.
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use libtest_mimic::Failed;
use serde_json::{Value, json};
use waybill::auth::oidc::{Provider, Settings};

pub struct Issuer {
    pub url: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

#[derive(Default)]
pub struct Shared {
    /// What discovery answers.
    pub discovery: Mutex<Value>,
    pub keys: Mutex<Vec<Value>>,
    /// How often the keys were fetched.
    pub fetches: AtomicU64,
    /// How often anything else was.
    pub strays: AtomicU64,
}

/// A key of the issuer's, or of a stranger.
pub struct Key {
    pub kid: String,
    pub public: Value,
    private: EncodingKey,
}

impl Key {
    pub fn new(kid: &str) -> Result<Self, Failed> {
        let failed = |_| "no key can be made";
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(failed)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())
            .map_err(|error| error.to_string())?;
        let point = pair.public_key().as_ref();
        let public = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": kid,
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..65]),
        });
        Ok(Self {
            kid: kid.to_owned(),
            public,
            private: EncodingKey::from_ec_der(document.as_ref()),
        })
    }

    pub fn header(&self) -> Header {
        Header {
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::ES256)
        }
    }

    pub fn sign(&self, claims: &Value) -> Result<String, Failed> {
        self.sign_with(&self.header(), claims)
    }

    pub fn sign_with(&self, header: &Header, claims: &Value) -> Result<String, Failed> {
        Ok(jsonwebtoken::encode(header, claims, &self.private)?)
    }
}

impl Issuer {
    pub async fn start(keys: &[&Key]) -> Result<Self, Failed> {
        let shared = Arc::new(Shared::default());
        let data = web::Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route(
                    "/.well-known/openid-configuration",
                    web::get().to(discovery),
                )
                .route("/keys", web::get().to(published))
                .route("/moved", web::get().to(moved))
                .default_service(web::to(stray))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")?;
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        let issuer = Self {
            url,
            shared,
            handle,
        };
        issuer.publish(keys);
        issuer
            .discover(json!({ "issuer": issuer.url, "jwks_uri": format!("{}/keys", issuer.url) }));
        Ok(issuer)
    }

    pub fn publish(&self, keys: &[&Key]) {
        let mut published = self
            .shared
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *published = keys.iter().map(|key| key.public.clone()).collect();
    }

    pub fn discover(&self, document: Value) {
        *self
            .shared
            .discovery
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = document;
    }

    pub fn fetches(&self) -> u64 {
        self.shared.fetches.load(Ordering::Relaxed)
    }

    pub fn strays(&self) -> u64 {
        self.shared.strays.load(Ordering::Relaxed)
    }

    pub fn provider(&self) -> Result<Provider, Failed> {
        Ok(Provider::new(Settings {
            issuer: self.url.clone(),
            audience: "waybill".to_owned(),
            role_claim: "waybill_role".to_owned(),
            email_claim: "email".to_owned(),
        })?)
    }

    /// What a good token says.
    pub fn claims(&self, subject: &str, role: &str) -> Value {
        let now = chrono::Utc::now().timestamp();
        json!({
            "iss": self.url, "aud": ["someone", "waybill"], "sub": subject, "iat": now,
            "exp": now + 300, "waybill_role": role, "name": "Ada",
            "email": format!("{subject}@example.org"), "email_verified": true,
        })
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn discovery(shared: web::Data<Shared>) -> HttpResponse {
    let document = shared
        .discovery
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    HttpResponse::Ok().json(&*document)
}

async fn published(shared: web::Data<Shared>) -> HttpResponse {
    shared.fetches.fetch_add(1, Ordering::Relaxed);
    let keys = shared.keys.lock().unwrap_or_else(PoisonError::into_inner);
    HttpResponse::Ok().json(json!({ "keys": *keys }))
}

async fn moved() -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("Location", "/elsewhere"))
        .finish()
}

async fn stray(shared: web::Data<Shared>) -> HttpResponse {
    shared.strays.fetch_add(1, Ordering::Relaxed);
    HttpResponse::NotFound().finish()
}
