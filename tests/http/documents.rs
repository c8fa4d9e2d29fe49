//! Documents (GraphQL specification, September 2025): each valid one is read, however it is laid
//! out, and of each that is none it is said what is wrong and where.
use libtest_mimic::{Failed, Trial};
use proptest::{collection::vec, prelude::any, strategy::Strategy};
use serde_json::{Value, json};

use super::graphql;
use crate::harness::{App, Backend, Template, generate, runner, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "http::documents_are_read", read),
        trial(backend, "http::documents_are_measured", validated),
        trial(backend, "http::documents_are_refused", refused),
        trial(backend, "http::layout_says_nothing", layout),
    ]
}

/// A document, and its data. It runs the operation `Q` where it has several.
const VALID: &[(&str, &str)] = &[
    ("\"About\" query Q { __typename }", TYPENAME),
    ("\"\"\"\nAbout\n\"\"\" query { __typename }", TYPENAME),
    (
        "query Q(\"a code\" $c: String! = \"cn\", \"\"\"a word\"\"\" $w: Boolean = true) { country(code: $c) { name @include(if: $w) } }",
        CHINA,
    ),
    (
        "{ ...f } \"about\" fragment f on Query { __typename }",
        TYPENAME,
    ),
    // A name may stand for another type in each operation, and in a fragment that some of them use.
    (
        "query Q($c: String = \"cn\") { ...f } query A($c: Int) { shipments(first: $c) { totalCount } } fragment f on Query { country(code: $c) { name } }",
        CHINA,
    ),
    ("query on { __typename }", TYPENAME),
    ("query query { __typename }", TYPENAME),
    ("query true { __typename }", TYPENAME),
    (
        "{ null: __typename true: __typename on: __typename fragment: __typename }",
        r#"{"null":"Query","true":"Query","on":"Query","fragment":"Query"}"#,
    ),
    (
        "{ ...nullable } fragment nullable on Query { __typename }",
        TYPENAME,
    ),
    (
        "{ ...trueish ...onward } fragment trueish on Query { __typename } fragment onward on Query { __typename }",
        TYPENAME,
    ),
    (
        "{ ... true } fragment true on Query { __typename }",
        TYPENAME,
    ),
    (
        "{ ... { __typename } ... @include(if: true) { __typename } ... on Query { __typename } }",
        TYPENAME,
    ),
    (
        "query($true: String! = \"cn\") { country(code: $true) { name } }",
        CHINA,
    ),
    (",,{,#c\n,__typename,#{\r,}#", TYPENAME),
    ("\u{feff}{\u{feff}__typename}", TYPENAME),
    ("query\rQ\r\n{\n\r__typename\t}\r", TYPENAME),
    ("{country(code:\"cn\"){name}}", CHINA),
    ("{ country(code: \"\\u0063\\u006E\") { name } }", CHINA),
    (
        "{ country(code: \"\\u{63}\\u{0000000006E}\") { name } }",
        CHINA,
    ),
    (
        "{ country(code: \"\\uD83D\\uDEA2\\u{1F6A2}🚢\\b\\f\\n\\r\\t\\/\\\\\\\"\") { name } }",
        NOWHERE,
    ),
    ("{ country(code: \"\") { name } }", NOWHERE),
    ("{ country(code: \"{[(#,\") { name } }", NOWHERE),
    ("{ country(code: \"\"\"cn\"\"\") { name } }", CHINA),
    (
        "{ country(code: \"\"\"\n\n    cn\n  \t\n\"\"\") { name } }",
        CHINA,
    ),
    (
        "{ country(code: \"\"\"\r\n  cn\r  \"\"\") { name } }",
        CHINA,
    ),
    (
        "{ country(code: \"\"\"a \\\"\"\" \\u{zz} \" \"\" b\"\"\") { name } }",
        NOWHERE,
    ),
    ("{ country(code: \"\"\"\"\"\") { name } }", NOWHERE),
    (
        "query A { a: __typename } query Q { __typename } mutation M { __typename }",
        TYPENAME,
    ),
    (
        "{ parties(filter: {}) { totalCount } }",
        r#"{"parties":{"totalCount":0}}"#,
    ),
    (
        "{ nodes(ids: []) { id } parties { totalCount } }",
        r#"{"nodes":[],"parties":{"totalCount":0}}"#,
    ),
    (
        "{ parties(filter: { and: { name: { in: \"x\" } } }) { totalCount } }",
        r#"{"parties":{"totalCount":0}}"#,
    ),
    (
        "{ parties(first: -0) { totalCount } }",
        r#"{"parties":{"totalCount":0}}"#,
    ),
    (
        "query($n: Int = null) { parties(first: $n) { totalCount } }",
        r#"{"parties":{"totalCount":0}}"#,
    ),
    (
        "{ country(code: \"cn\") { ...n ... on Node { __typename } } } fragment n on Node { ... on Country { name } }",
        r#"{"country":{"name":"China","__typename":"Country"}}"#,
    ),
];

const TYPENAME: &str = r#"{"__typename":"Query"}"#;
const CHINA: &str = r#"{"country":{"name":"China"}}"#;
const NOWHERE: &str = r#"{"country":null}"#;

async fn read(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    for (document, data) in VALID {
        let mut request = json!({ "query": document });
        if document.contains("query A") {
            request["operationName"] = "Q".into();
        }
        let (status, answer) = graphql(&app, &request).await?;
        let expected = json!({ "data": serde_json::from_str::<Value>(data)? });
        // As text, since keys have an order.
        if (status, answer.to_string()) != (200, expected.to_string()) {
            return Err(format!("{document}\nanswered {status} {answer}").into());
        }
    }
    Ok(())
}

/// What the grammar allows, and the schema does not: the words of the error tell which it was.
const VALIDATED: &[(&str, &str)] = &[
    ("query($deep: [[Int!]!]) { __typename }", "not used"),
    (
        "query($c: String! = \"cn\" @new(if: [{a: 1}]) @other) { country(code: $c) { name } }",
        "directive",
    ),
    ("query @new { __typename }", "directive"),
    ("query Q @skip(if: true) { __typename }", "skip"),
    ("{ parties(first: 1e2) { totalCount } }", "100.0 is no Int"),
    (
        "{ parties(first: -1.5E-1) { totalCount } }",
        "-0.15 is no Int",
    ),
    ("{ parties(first: 1E+1) { totalCount } }", "10.0 is no Int"),
    (
        "{ parties(first: 2147483648) { totalCount } }",
        "2147483648 is no Int",
    ),
    ("{ parties(first: \"1\") { totalCount } }", "is no Int"),
    ("{ parties(first: $n) { totalCount } }", "$n"),
    (
        "{ ...f } fragment f on Query { ...f __typename }",
        "comes back to itself",
    ),
    (
        "{ __typename } fragment f on Query { __typename }",
        "never used",
    ),
    ("{ ...g }", "g"),
    ("{ country }", "country"),
    ("{ __typename { a } }", "__typename"),
    (
        "{ a: __typename a: country(code: \"cn\") { name } }",
        "conflict",
    ),
    (
        "{ country(code: \"cn\") { id } country(code: \"ru\") { id } }",
        "conflict",
    ),
    ("{ country(code: \"cn\", code: \"cn\") { id } }", "code"),
    (
        "query($a: Int, $a: Int) { parties(first: $a) { totalCount } }",
        "a",
    ),
    ("query($a: Int = null) { country(code: $a) { id } }", "a"),
    ("query($a: Party) { __typename }", "Party"),
    ("{ contry(code: \"cn\") { id } }", "\"country\""),
    ("{ country(code: null) { id } }", "null is no value"),
    (
        "{ parties(filter: { kind: { eq: \"PERSON\" } }) { totalCount } }",
        "is no PartyKind",
    ),
    (
        "{ parties(filter: { nothing: 1 }) { totalCount } }",
        "has no such field",
    ),
];

async fn validated(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    for (document, words) in VALIDATED {
        let (status, answer) = graphql(&app, &json!({ "query": document })).await?;
        let messages = messages(&answer);
        let expected = [400, 405].contains(&status) && answer.get("data").is_none();
        if !expected || messages.contains("expected ") || !messages.contains(words) {
            return Err(format!("{document}\nanswered {status} {answer}").into());
        }
    }
    Ok(())
}

fn messages(answer: &Value) -> String {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let messages = errors.filter_map(|error| error["message"].as_str());
    messages.collect::<Vec<_>>().join("; ")
}

/// A document that is none, and where it stops to be one: line and column, from 1.
const INVALID: &[(&str, u64, u64)] = &[
    ("#", 1, 2),
    ("{}", 1, 2),
    ("{ a { } }", 1, 7),
    ("{ a() }", 1, 5),
    ("query () { a }", 1, 8),
    ("{ a", 1, 4),
    ("{ a } }", 1, 7),
    ("{ a: }", 1, 6),
    ("{ a ? }", 1, 5),
    ("{\n  a;\n}", 2, 4),
    ("{\r\n  é\r\n}", 2, 3),
    ("{ ..a }", 1, 3),
    ("{ ... on }", 1, 10),
    ("{ ... on { a } }", 1, 10),
    ("{ ...on }", 1, 9),
    ("{ a } { a }", 1, 7),
    ("{ a } query { a }", 1, 7),
    ("{ a } query Q { a }", 1, 1),
    ("query Q { a } query Q { b }", 1, 21),
    (
        "{ ...f } fragment f on Query { a } fragment f on Query { b }",
        1,
        45,
    ),
    ("fragment on on Query { a } { a }", 1, 10),
    ("fragment f { a } { ...f }", 1, 12),
    ("fragment f($a: Int) on Query { a } { ...f }", 1, 11),
    ("fragment f on Query { a }", 1, 26),
    ("\"about\" { a }", 1, 9),
    ("\"about\"", 1, 8),
    ("\"about\" \"more\" query { a }", 1, 9),
    ("type A { a: Int }", 1, 1),
    ("extend type A { a: Int }", 1, 1),
    ("query ($: Int) { a }", 1, 9),
    ("query ($a) { a }", 1, 10),
    ("query ($a: [Int) { a }", 1, 16),
    ("query ($a: Int!!) { a }", 1, 16),
    ("query ($a: Int = $b) { a }", 1, 18),
    ("query ($a: In = { b: [$c] }) { a }", 1, 17),
    ("{ a(b: 01) }", 1, 10),
    ("{ a(b: -) }", 1, 9),
    ("{ a(b: 1.) }", 1, 10),
    ("{ a(b: .5) }", 1, 8),
    ("{ a(b: 1.e1) }", 1, 10),
    ("{ a(b: 1e) }", 1, 10),
    ("{ a(b: 0xF1) }", 1, 9),
    ("{ a(b: 1a) }", 1, 9),
    ("{ a(b: 1_000) }", 1, 9),
    ("{ a(b: +1) }", 1, 8),
    ("{ a(b: 1e999) }", 1, 8),
    ("{ a(b: {c: 1, c: 2}) }", 1, 15),
    ("{ a(b: [1, 2) }", 1, 13),
    ("{ a(b: \"x) }", 1, 8),
    ("{ a(b: \"x\n\") }", 1, 8),
    ("{\n\n a(b: \"\"\"x\n\"\" ) }", 3, 7),
    ("{ a(b: \"\"\"\n\n\"\"\" c) }", 3, 6),
    ("{ a(b: \"\\x\") }", 1, 8),
    ("{ a(b: \"\\uD83D\") }", 1, 8),
    ("{ a(b: \"\\uDEA2\") }", 1, 8),
    ("{ a(b: \"\\uDEA2\\uD83D\") }", 1, 8),
    ("{ a(b: \"\\uD83D\\u{DEA2}\") }", 1, 8),
    ("{ a(b: \"\\u{D83D}\") }", 1, 8),
    ("{ a(b: \"\\u{110000}\") }", 1, 8),
    ("{ a(b: \"\\u{FFFFFFFFF}\") }", 1, 8),
    ("{ a(b: \"\\u{}\") }", 1, 8),
    ("{ a(b: \"\\u{+41}\") }", 1, 8),
    ("{ a(b: \"\\u+041\") }", 1, 8),
    ("{ a(b: \"\\u12\") }", 1, 8),
    ("{ a(b: 'x') }", 1, 8),
    ("{ a @ }", 1, 7),
    ("{ a @b(c: 1 }", 1, 13),
];

async fn refused(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut wrong = Vec::new();
    for (document, line, column) in INVALID {
        let (status, answer) = graphql(&app, &json!({ "query": document })).await?;
        let error = &answer["errors"][0];
        let place = json!([{ "line": line, "column": column }]);
        let is_told = error["locations"] == place
            && !error["message"].as_str().unwrap_or_default().is_empty()
            && error["extensions"]["code"] == "BAD_USER_INPUT";
        if status != 400 || !is_told || answer.get("data").is_some() {
            wrong.push(format!("{document}\n  answered {status} {answer}"));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}

/// Any document, with white space, commas and comments wherever they may stand, says the same.
async fn layout(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut runner = runner();
    let documents = (tokens(), vec(0..IGNORED.len(), 200));
    for _ in 0..100 {
        let (tokens, gaps) = generate(&mut runner, &documents)?;
        let plain = graphql(&app, &json!({ "query": tokens.join(" ") })).await?;
        let mut text = String::new();
        for (token, gap) in tokens.iter().zip(gaps.iter().cycle()) {
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let gap = IGNORED[*gap];
            let is_needed = is_word(text.chars().last()) && is_word(token.chars().next());
            text.push_str(if gap.is_empty() && is_needed {
                " "
            } else {
                gap
            });
            text.push_str(token);
        }
        let other = graphql(&app, &json!({ "query": text })).await?;
        if plain != other || plain.0 != 200 {
            return Err(format!("{tokens:?}: {plain:?}\n{text:?}: {other:?}").into());
        }
    }
    Ok(())
}

const IGNORED: &[&str] = &[
    "",
    "",
    "",
    " ",
    "\t",
    ",",
    "\n",
    "\r\n",
    "\r",
    " # \"{ \n",
    "#\r",
    ",,,",
    "\u{feff}",
    "#é🚢\n",
];

/// The tokens of a query whose answer depends on each of them.
fn tokens() -> impl Strategy<Value = Vec<String>> {
    let code = proptest::sample::select(vec![
        "\"cn\"",
        "\"RU\"",
        "\"\"\"de\"\"\"",
        "$code",
        "\"\\u{66}r\"",
    ]);
    let field = proptest::sample::select(vec![
        "name",
        "alpha2",
        "id",
        "__typename",
        "...part",
        "...on Node{id}",
        "...@skip(if:$no){kind}",
    ]);
    let country = (code, vec(field, 1..5));
    (vec(country, 1..6), any::<bool>()).prop_map(|(countries, is_first)| {
        let head = "query Q ( $ code : String ! = \"ua\" , $ no : Boolean ! = false ) {";
        let fragment = "fragment part on Country { validFrom , m49 }";
        let uses = "z : country ( code : $ code ) { ...part ... @ include ( if : $ no ) { id } } }";
        let mut tokens: Vec<String> = Vec::new();
        let mut add = |text: &str| tokens.extend(text.split([' ', ',']).map(str::to_owned));
        if is_first {
            add(fragment);
        }
        add(head);
        for (number, (code, fields)) in countries.iter().enumerate() {
            add(&format!(
                "a{number} : country ( code : {code} ) {{ {} }}",
                fields.join(" ")
            ));
        }
        add(uses);
        if !is_first {
            add(fragment);
        }
        tokens.retain(|token| !token.is_empty());
        tokens
    })
}
