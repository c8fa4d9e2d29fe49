//! Documents that are short to write and long to read, to validate or to answer.
use serde_json::{Value, json};

pub struct Attack {
    pub what: &'static str,
    pub request: Value,
    /// Of the first error; empty when it is answered.
    pub code: &'static str,
}

const COMPLEX: &str = "QUERY_TOO_COMPLEX";
const BAD: &str = "BAD_USER_INPUT";

fn attack(what: &'static str, code: &'static str, query: impl Into<String>) -> Attack {
    let request = json!({ "query": query.into() });
    Attack {
        what,
        request,
        code,
    }
}

fn with(what: &'static str, code: &'static str, query: &str, variables: Value) -> Attack {
    let request = json!({ "query": query, "variables": variables });
    Attack {
        what,
        request,
        code,
    }
}

/// `text` as often, with its number for each `#`.
fn repeated(times: usize, text: &str) -> String {
    let all = (0..times).map(|number| text.replace('#', &number.to_string()));
    all.collect::<Vec<_>>().join(" ")
}

/// `head` so many times within itself.
fn nested(times: usize, head: &str, middle: &str, tail: &str) -> String {
    format!("{}{middle}{}", head.repeat(times), tail.repeat(times))
}

/// `levels` fragments, each of which spreads the next one `times`.
fn fragments(levels: usize, times: usize, on: &str, last: &str) -> String {
    let fragment = |level: usize| {
        let next = format!("...f{} ", level + 1).repeat(times);
        format!("fragment f{level} on {on} {{ {next} }}")
    };
    let all: Vec<_> = (0..levels).map(fragment).collect();
    format!("{} fragment f{levels} on {on} {{ {last} }}", all.join(" "))
}

/// A type of the schema, and those of its fields, again and again.
fn types(levels: usize) -> String {
    let head = "fields { name type { ofType { ";
    format!(
        "{{ __schema {{ types {{ {} }} }} }}",
        nested(levels, head, "name", " } } }")
    )
}

/// As they fit into the usual limits, or go beyond one of them.
pub fn attacks() -> Vec<Attack> {
    let page = "countries(first: 200) { nodes { ";
    let names = "\"name\" ".repeat(9_000);
    vec![
        attack("fragments that double 30 times", COMPLEX, format!("{{ ...f0 }} {}", fragments(30, 2, "Query", "__typename"))),
        attack("fragments that double 30 times, and are not used", BAD, format!("{{ __typename }} {}", fragments(30, 2, "Query", "__typename"))),
        attack("a chain of 2,000 fragments", COMPLEX, format!("{{ ...f0 }} {}", fragments(2_000, 1, "Query", "__typename"))),
        attack("fragments with 70 spreads each", COMPLEX, format!("{{ ...f0 }} {}", fragments(20, 70, "Query", "__typename"))),
        attack("a cycle of two fragments", BAD, "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"),
        attack("a cycle of 1,000 fragments", COMPLEX, format!("{{ ...f0 }} {}", fragments(1_000, 1, "Query", "...f0"))),
        attack("a cycle that nothing uses", BAD, "{ __typename } fragment a on Query { ...b } fragment b on Query { ...a }"),
        attack("fields within 20,000 fields", COMPLEX, nested(20_000, "{a", "", "}")),
        attack("lists within 20,000 lists", COMPLEX, format!("{{ a(b: {}) }}", nested(20_000, "[", "", "]"))),
        attack("objects within 20,000 objects", COMPLEX, format!("{{ a(b: {}) }}", nested(20_000, "{a:", "1", "}"))),
        attack("brackets that nothing closes", COMPLEX, "{ a ".repeat(20_000)),
        attack("lists in a type", COMPLEX, format!("query($a: {}) {{ __typename }}", nested(20_000, "[", "Int", "]"))),
        attack("inline fragments within one another", COMPLEX, format!("{{ {} }}", nested(20_000, "... { ", "__typename", " }"))),
        attack("inline fragments as deep as may be", "", format!("{{ country(code: \"cn\") {{ {} }} }}", nested(40, "... { ", &"id ".repeat(4_000), " }"))),
        attack("one field 4,000 times", "", format!("{{ country(code: \"cn\") {{ {} }} }}", "... { id } ".repeat(4_000))),
        attack("20,000 fields", COMPLEX, format!("{{ {} }}", "__typename ".repeat(25_000))),
        attack("5,000 aliases", COMPLEX, format!("{{ {} }}", repeated(5_000, "a#: __typename"))),
        attack("1,000 directives", COMPLEX, format!("{{ __typename {} }}", "@include(if: true) ".repeat(1_000))),
        attack("6,000 directives that are none", COMPLEX, format!("{{ __typename {} }}", repeated(6_000, "@a#"))),
        attack("1,000 operations", COMPLEX, format!("{} fragment f on Query {{ ... {{ {} }} }}", repeated(1_000, "query A# { ...f }"), "... { __typename } ".repeat(40))),
        attack("1,000 operations of a field", BAD, repeated(1_000, "query A# { __typename }")),
        attack("2,000 fragments of one", BAD, format!("{{ __typename }} {} fragment f on Query {{ {} }}", repeated(1_700, "fragment a# on Query { ...f }"), "__typename ".repeat(4_900))),
        attack("unknown variables in 1,200 operations", COMPLEX, format!("{} fragment f on Query {{ country({}) {{ id }} }}", repeated(1_200, "query A# { ...f }"), repeated(1_800, "a#: $b#"))),
        attack("4,000 variables", BAD, format!("query({}) {{ __typename }}", repeated(4_000, "$a#: Int"))),
        attack("4,000 variables that are used", BAD, format!("query({}) {{ nodes(ids: [{}]) {{ id }} }}", repeated(2_800, "$a#: ID!"), repeated(2_800, "$a#"))),
        attack("one variable 4,000 times", BAD, format!("query({}) {{ __typename }}", "$a: Int ".repeat(4_000))),
        attack("a name of 1 MB", BAD, format!("{{ {} }}", "x".repeat(1_000_000))),
        attack("unknown fields of 1 MB", BAD, format!("{{ country(code: \"cn\") {{ {} }} }}", repeated(4_900, &format!("{}#", "x".repeat(190))))),
        attack("unknown arguments", BAD, format!("{{ country({}) {{ id }} }}", repeated(6_000, &format!("{}#: 1", "x".repeat(100))))),
        attack("unknown types", BAD, format!("{{ country(code: \"cn\") {{ {} }} }}", repeated(3_000, &format!("... on {}# {{ a }}", "X".repeat(100))))),
        attack("one argument 6,000 times", BAD, format!("{{ country({}) {{ id }} }}", "code: \"cn\" ".repeat(6_000))),
        attack("3,000 arguments of two fields", BAD, format!("{{ {0} {0} }}", format!("country({}) {{ id }}", repeated(3_000, "a#: 1")))),
        attack("wrong values", BAD, format!("{{ shipments(filter: {{ flow: {{ in: [{}] }} }}) {{ totalCount }} }}", "X ".repeat(19_000))),
        attack("many values", BAD, format!("{{ shipments(filter: {{ key: {{ in: [{names}] }} }}) {{ totalCount }} }}")),
        attack("conditions beside one another", BAD, format!("{{ shipments(filter: {{ and: [{}] }}) {{ totalCount }} }}", "{key:{eq:\"x\"}} ".repeat(2_000))),
        attack("one field, other arguments", BAD, format!("{{ {} }}", repeated(49, "country(code: \"#\") { id }"))),
        attack("fields that cannot be one, through fragments", BAD, format!(
            "{{ {} }} {}",
            repeated(49, "country(code: \"cn\") { ...f# }"),
            repeated(49, "fragment f# on Country { x: name ... on Node { x: id } y: exports(first: #) { totalCount } }"),
        )),
        attack("many fields in many places", COMPLEX, format!(
            "{{ {} }} fragment f on Country {{ {} }}",
            repeated(49, "a#: country(code: \"cn\") { ...f ...f ...f }"),
            "... { name } ".repeat(100),
        )),
        attack("pages within pages", COMPLEX, format!("{{ {page} exports(first: 200) {{ nodes {{ id }} }} imports(first: 200) {{ nodes {{ id }} }} }} }} }}")),
        attack("pages within pages, by edges", COMPLEX, "{ countries(first: 200) { edges { node { exports(last: 200) { edges { node { exporter { imports(last: 200) { edges { node { id } } } } } } } } } } }".to_owned()),
        attack("pages beside pages", COMPLEX, format!("{{ {} }}", repeated(49, &format!("a#: {page} exports(first: 5) {{ nodes {{ id }} }} }} }}")))),
        attack("counts in pages", COMPLEX, format!("{{ {} }}", repeated(40, &format!("a#: {page} exports(first: 0) {{ totalCount }} }} }}")))),
        attack("values in pages", BAD, format!("{{ countries(first: 200) {{ nodes {{ exports(filter: {{ key: {{ in: [{}] }} }}) {{ totalCount }} }} }} }}", "\"x\" ".repeat(15_000))),
        attack("the schema's types, again and again", COMPLEX, types(6)),
        attack("the schema's types twice", "", types(2)),
        attack("the schema under 190 names", COMPLEX, format!("{{ __schema {{ types {{ {} }} }} }}", repeated(190, "a#: fields { name description type { name } }"))),
        attack("the schema through fragments", COMPLEX, format!("{{ __schema {{ types {{ ...f0 }} }} }} {} fragment f4 on __Type {{ name }}", (0..4).map(|level| format!("fragment f{level} on __Type {{ fields {{ type {{ ofType {{ ...f{} }} }} }} }}", level + 1)).collect::<String>())),
        attack("a string of 1 MB", BAD, format!("{{ node(id: \"{}\") {{ id }} }}", "x".repeat(1_000_000))),
        attack("escapes of 1 MB", BAD, format!("{{ node(id: \"{}\") {{ id }} }}", "\\u{1F6A2}".repeat(100_000))),
        attack("quotes of 500 KB", BAD, format!("{{ node(id: \"\"\"{}\"\"\") {{ id }} }}", "\\\"\"\"\n ".repeat(90_000))),
        attack("a string without an end", BAD, format!("{{ a(b: \"{}", "\\\"".repeat(240_000))),
        attack("a block string without an end", BAD, format!("{{ a(b: \"\"\"{}", "\\\"\"\"".repeat(120_000))),
        attack("quotes everywhere", COMPLEX, format!("{{ a(b: [{}]) }}", "\"\"\"\"\"\"".repeat(150_000))),
        attack("comments of 800 KB", "", format!("{{ __typename {}}}", "#\n,".repeat(200_000))),
        attack("letters beyond ASCII", BAD, "é🚢".repeat(150_000)),
        attack("byte order marks", "", format!("{}{{ __typename }}", "\u{feff}".repeat(300_000))),
        attack("a number of 1 MB", BAD, format!("{{ country(code: {}) {{ id }} }}", "1".repeat(1_000_000))),
        attack("an exponent of 1 MB", BAD, format!("{{ country(code: 1e{}) {{ id }} }}", "9".repeat(1_000_000))),
        with("100,000 ids", COMPLEX, "query($i: [ID!]!) { nodes(ids: $i) { id } }", json!({ "i": vec!["x"; 100_000] })),
        with("19,000 ids under 49 names", COMPLEX, &format!("query($i: [ID!]!) {{ {} }}", repeated(49, "a#: nodes(ids: $i) { exports: id }")), json!({ "i": vec!["x"; 19_000] })),
        with("a filter of 19,000 values in a hundred places", COMPLEX, &format!("query($i: [String!]) {{ countries(first: 100) {{ nodes {{ {} }} }} }}", repeated(50, "a#: exports(filter: { key: { in: $i } }) { pageInfo { hasNextPage } }")), json!({ "i": vec!["x"; 19_000] })),
        with("variables that nothing asks for", COMPLEX, "{ __typename }", json!({ "a": vec![1; 200_000] })),
        with("wrong variables", BAD, "query($i: [Int!]) { __typename }", json!({ "i": vec!["x"; 15_000] })),
        with("wrong variables that are used", BAD, "query($i: [ID!]!) { nodes(ids: $i) { id } }", json!({ "i": vec![Value::Null; 19_000] })),
        with("deep variables", COMPLEX, "query($f: ShipmentFilter) { shipments(filter: $f) { totalCount } }", json!({ "f": deep(100) })),
        Attack {
            what: "a long operation name",
            request: json!({ "query": "{ __typename }", "operationName": "x".repeat(900_000) }),
            code: BAD,
        },
    ]
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!({}), |inner, _| json!({ "not": inner }))
}

/// As they come when bodies may be larger.
pub fn large() -> Vec<Attack> {
    vec![
        attack(
            "100,000 aliases",
            COMPLEX,
            format!("{{ {} }}", repeated(100_000, "a#: __typename")),
        ),
        attack(
            "fields within a million fields",
            COMPLEX,
            nested(1_000_000, "{a", "", "}"),
        ),
        attack(
            "a million directives",
            COMPLEX,
            format!("{{ __typename {} }}", "@a ".repeat(1_000_000)),
        ),
        attack(
            "a name of 7 MB",
            BAD,
            format!("{{ {} }}", "x".repeat(7_000_000)),
        ),
        attack(
            "one argument of 7 MB",
            BAD,
            format!("{{ country({}: 1) {{ id }} }}", "x".repeat(7_000_000)),
        ),
        with(
            "a million ids",
            COMPLEX,
            "query($i: [ID!]!) { nodes(ids: $i) { id } }",
            json!({ "i": vec!["x"; 1_000_000] }),
        ),
    ]
}
