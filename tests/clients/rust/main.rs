//! Crate `graphql_client`: its types are made of the schema, so this compiles only while they agree.
use std::{env, error::Error, fmt::Debug, process::ExitCode};

use create_party::{CreatePartyInput, PartyKind};
use graphql_client::{GraphQLQuery, Response};
use uuid::Uuid;

/// What a check fails with.
type Failed = Box<dyn Error + Send + Sync>;

/// Addresses are text here.
#[expect(
    clippy::upper_case_acronyms,
    reason = "the scalar's name in the schema"
)]
type URL = String;
/// Decimals are text, since floats cannot hold money.
type Decimal = String;

macro_rules! operations {
    ($($name:ident)*) => {
        $(
            #[derive(GraphQLQuery)]
            #[graphql(
                schema_path = "../schema.graphql",
                query_path = "../tests/clients/operations.graphql",
                response_derives = "Debug, PartialEq, Eq",
                variables_derives = "Debug",
                skip_serializing_none
            )]
            struct $name;
        )*
    };
}
operations!(Country Party Shipments CreateParty CreateCurator);

struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    async fn ask<Q: GraphQLQuery>(
        &self,
        variables: Q::Variables,
    ) -> Result<Response<Q::ResponseData>, Failed> {
        let mut request = self.http.post(&self.url).json(&Q::build_query(variables));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?.json().await?)
    }

    /// The data of an answer without errors.
    async fn data<Q: GraphQLQuery>(
        &self,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData, Failed> {
        let answer = self.ask::<Q>(variables).await?;
        if let Some(errors) = answer.errors {
            return Err(format!("it was refused: {errors:?}").into());
        }
        Ok(answer.data.ok_or("neither data nor errors")?)
    }

    /// The code of the first error, and whether there are data beside it.
    async fn refused<Q: GraphQLQuery>(
        &self,
        variables: Q::Variables,
    ) -> Result<(String, bool), Failed> {
        let answer = self.ask::<Q>(variables).await?;
        let error = answer.errors.unwrap_or_default().into_iter().next();
        let extensions = error.and_then(|error| error.extensions);
        let code = extensions.and_then(|extensions| extensions.get("code").cloned());
        let code = code.as_ref().and_then(|code| code.as_str());
        let code = code.ok_or("no error with a code")?.to_owned();
        Ok((code, answer.data.is_some()))
    }
}

/// As `assert_eq!`, but the other checks run all the same.
fn same<T: PartialEq + Debug>(found: T, wanted: T) -> Result<(), Failed> {
    if found == wanted {
        return Ok(());
    }
    Err(format!("{found:?}, where {wanted:?} was wanted").into())
}

fn some_party() -> create_party::Variables {
    create_party::Variables {
        input: CreatePartyInput {
            name: format!("Invented {}", Uuid::now_v7()),
            kind: PartyKind::ORGANISATION,
            publish: true,
            country: None,
            description: None,
            url: None,
            even_if_known: None,
            comment: None,
            idempotency_key: None,
        },
    }
}

async fn query(anonymous: &Client) -> Result<(), Failed> {
    for (code, alpha3) in [("CN", Some("CHN")), ("ZZ", None)] {
        let code = code.to_owned();
        let data = anonymous
            .data::<Country>(country::Variables { code })
            .await?;
        let found = data.country.and_then(|country| country.alpha3);
        same(found.as_deref(), alpha3)?;
    }
    Ok(())
}

async fn pages(anonymous: &Client) -> Result<(), Failed> {
    let mut ids = Vec::new();
    let mut after = None;
    loop {
        let variables = shipments::Variables { first: 7, after };
        let page = anonymous.data::<Shipments>(variables).await?.shipments;
        ids.extend(page.edges.into_iter().map(|edge| edge.node.id));
        if !page.page_info.has_next_page {
            same(usize::try_from(page.total_count)?, ids.len())?;
            break;
        }
        after = page.page_info.end_cursor;
    }
    same(ids.len() > 7, true)?;
    let read = ids.len();
    ids.sort();
    ids.dedup();
    same(ids.len(), read)
}

async fn bad_request(anonymous: &Client) -> Result<(), Failed> {
    let (first, after) = (-1, None);
    let refusal = anonymous.refused::<Shipments>(shipments::Variables { first, after });
    same(refusal.await?, ("BAD_USER_INPUT".to_owned(), false))
}

async fn forbidden(anonymous: &Client, curator: &Client) -> Result<(), Failed> {
    let refusal = anonymous.refused::<CreateParty>(some_party()).await?;
    same(refusal, ("UNAUTHENTICATED".to_owned(), true))?;
    let input = create_curator::CreateCuratorInput {
        email: "nobody@example.org".to_owned(),
        role: create_curator::Role::CURATOR,
        name: None,
        password: None,
        comment: None,
    };
    let refusal = curator.refused::<CreateCurator>(create_curator::Variables { input });
    same(refusal.await?, ("FORBIDDEN".to_owned(), true))
}

async fn mutation(anonymous: &Client, curator: &Client) -> Result<(), Failed> {
    let variables = some_party();
    let name = variables.input.name.clone();
    let entered = curator.data::<CreateParty>(variables).await?.create_party;
    let entered = entered.ok_or("no payload")?;
    same(entered.user_errors, vec![])?;
    let id = entered.party.ok_or("no party")?.id;
    let found = anonymous.data::<Party>(party::Variables { id }).await?;
    same(found.party.map(|party| party.name), Some(name))
}

async fn bad_input(curator: &Client) -> Result<(), Failed> {
    let mut variables = some_party();
    variables.input.name.clear();
    let refused = curator.data::<CreateParty>(variables).await?.create_party;
    let refused = refused.ok_or("no payload")?;
    same(refused.party, None)?;
    let errors: Vec<_> = refused
        .user_errors
        .into_iter()
        .map(|error| (error.code, error.path))
        .collect();
    same(
        errors,
        vec![(
            create_party::UserErrorCode::REQUIRED,
            vec!["name".to_owned()],
        )],
    )
}

/// Prints how it went.
fn tell(check: &str, outcome: Result<(), Failed>) -> bool {
    match &outcome {
        Ok(()) => println!("ok   {check}"),
        Err(why) => println!("FAIL {check}\n{why}"),
    }
    outcome.is_ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failed> {
    let client = |token| -> Result<Client, Failed> {
        Ok(Client {
            http: reqwest::Client::new(),
            url: env::var("WAYBILL_URL")?,
            token,
        })
    };
    let anonymous = client(None)?;
    let curator = client(Some(env::var("WAYBILL_TOKEN")?))?;
    let outcomes = [
        tell("a query with variables", query(&anonymous).await),
        tell("all pages of a list", pages(&anonymous).await),
        tell(
            "a request that cannot be executed",
            bad_request(&anonymous).await,
        ),
        tell(
            "an error of a field, with its code",
            forbidden(&anonymous, &curator).await,
        ),
        tell(
            "a mutation, read back",
            mutation(&anonymous, &curator).await,
        ),
        tell("what is wrong with an input", bad_input(&curator).await),
    ];
    Ok(if outcomes.contains(&false) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
