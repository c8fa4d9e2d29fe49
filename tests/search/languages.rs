//! Words of any language, however they are written.
use libtest_mimic::Failed;
use serde_json::json;

use super::{named, parties, search};
use crate::harness::{App, Backend, Template, ensure};

/// Invented, all of them.
const TEXTS: &[(&str, Option<&str>)] = &[
    (
        "en",
        Some("China's drones were seen, and one drone more; companies deny"),
    ),
    (
        "ru",
        Some("Поставки дронов в Россию — ещё вопрос: «Мой завод», говорит Йордан"),
    ),
    ("zh", Some("中国向俄罗斯出口无人机和零部件")),
    ("zh-2", Some("机人无：次序不同")),
    ("ja", Some("無人機の輸出、データとガス")),
    ("ja-2", Some("カスは別の言葉")),
    (
        "fr",
        Some("Côte d’Ivoire : l’Ukraine a reçu des œuvres, ça et là"),
    ),
    ("de", Some("Die Straße nach Köln, ein Grüner Zoll")),
    ("tr", Some("İstanbul ve Diyarbakır limanı")),
    ("pl", Some("Łódź i Gdańsk")),
    ("ar", Some("مُحَمَّد في ميناء العقبة")),
    ("hi", Some("भारत का निर्यात")),
    ("ko", Some("한국은 무인기를 수출했다")),
    ("el", Some("Ο Οδυσσέας στο λιμάνι, ΟΔΟΣ")),
    (
        "hs",
        Some("declared as 8806.21 or 8806.22.10, since 2023-05"),
    ),
    ("wide", Some("ＵＡＶ　１２３ ﬁne № 7")),
    ("hyphen", Some("a state-owned, co-operative O'Brien")),
    ("th", Some("โดรนจีน")),
];

/// What is looked for, and the only texts that hold it.
const FINDS: &[(&str, &[&str])] = &[
    ("China drone", &["en"]),
    ("china's", &["en"]),
    ("drones", &["en"]),
    ("DRON*", &["en"]),
    ("company", &[]),
    ("compan*", &["en"]),
    ("companies", &["en"]),
    ("\"drones were\"", &["en"]),
    ("“were drones”", &[]),
    ("«one drone»", &["en"]),
    ("дрон", &["ru"]),
    ("дроны", &["ru"]),
    ("россия", &["ru"]),
    ("РОССИЮ", &["ru"]),
    ("еще", &["ru"]),
    ("ЕЩЁ вопросы", &["ru"]),
    ("\"мой\"", &["ru"]),
    ("\"мои\"", &[]),
    ("йордан", &["ru"]),
    ("无人机", &["zh"]),
    ("「无人机」", &["zh"]),
    ("中国", &["zh"]),
    ("机", &["zh", "zh-2"]),
    ("俄罗斯无人机", &["zh"]),
    ("\"俄罗斯无人机\"", &[]),
    ("無人機", &["ja"]),
    ("ガス", &["ja"]),
    ("カス", &["ja-2"]),
    ("ﾃﾞｰﾀ", &["ja"]),
    ("cote d'ivoire", &["fr"]),
    ("COTE IVOIRE", &["fr"]),
    ("ukraine recu", &["fr"]),
    ("oeuvres ca", &["fr"]),
    ("strasse koln", &["de"]),
    ("STRASSE", &["de"]),
    ("straße", &["de"]),
    ("istanbul diyarbakir", &["tr"]),
    ("lodz gdansk", &["pl"]),
    ("محمد", &["ar"]),
    ("भारत", &["hi"]),
    ("भरत", &[]),
    ("무인기", &["ko"]),
    ("οδός", &["el"]),
    ("οδυσσεας", &["el"]),
    ("880621", &["hs"]),
    ("8806.21", &["hs"]),
    ("8806", &["hs"]),
    ("88", &["hs"]),
    ("88062210", &["hs"]),
    ("880622", &["hs"]),
    ("8807", &[]),
    ("2023", &["hs"]),
    ("uav", &["wide"]),
    ("123 fine no", &["wide"]),
    ("state owned", &["hyphen"]),
    ("state-owned", &["hyphen"]),
    ("owned-state", &[]),
    ("cooperative", &[]),
    ("o’brien", &["hyphen"]),
    ("โดรน", &["th"]),
];

pub async fn each_finds_its_own(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    parties(&app.db, TEXTS).await?;
    let mut wrong = Vec::new();
    for (query, expected) in FINDS {
        let variables = json!({ "query": query, "types": ["PARTY"] });
        let mut found = super::names(&search(&app, "", variables).await?);
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        if found != expected {
            wrong.push(format!("{query} finds {found:?}, not {expected:?}"));
        }
    }
    ensure(wrong, Vec::new())
}

/// The marked pieces are what was looked for, and all pieces together are the text.
pub async fn highlights(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    parties(&app.db, TEXTS).await?;
    let marked: &[(&str, &str, &[&str])] = &[
        ("en", "drone china", &["China", "drones", "drone"]),
        ("ru", "дрон еще", &["дронов", "ещё"]),
        ("zh", "无人机", &["无人机"]),
        ("zh", "俄罗斯无人机", &["俄罗斯", "无人机"]),
        ("ja", "ガス", &["ガス"]),
        ("fr", "\"cote d'ivoire\"", &["Côte d’Ivoire"]),
        ("hs", "8806", &["8806.21", "8806.22.10"]),
        ("wide", "uav 123", &["ＵＡＶ　１２３"]),
        ("hi", "भारत", &["भारत"]),
    ];
    for (name, query, expected) in marked {
        let variables = json!({ "query": query, "types": ["PARTY"] });
        let found = search(&app, "", variables).await?;
        let text = TEXTS.iter().find(|(known, _)| known == name);
        let text = text.and_then(|(_, text)| *text).unwrap_or_default();
        let shown = &found["edges"][0]["highlights"][0];
        let fragments = shown["fragments"].as_array().ok_or("no fragments")?;
        let pieces = |all: bool| {
            let pieces = fragments
                .iter()
                .filter(|piece| all || piece["matched"] == true);
            pieces
                .filter_map(|piece| piece["text"].as_str())
                .collect::<Vec<_>>()
        };
        ensure(pieces(true).concat().as_str(), text)?;
        ensure(pieces(false), expected.to_vec())?;
        ensure(shown["field"].as_str(), Some("description"))?;
    }
    Ok(())
}

/// Of a long text the part is shown in which the word stands; and words are found to its end.
pub async fn long_texts(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let long = format!(
        "{} <b>needle</b> {}",
        "hay ".repeat(3_000),
        "straw ".repeat(500)
    );
    parties(&app.db, &[("long", Some(long.as_str()))]).await?;
    let found = search(&app, "", json!({ "query": "\"b needle\"" })).await?;
    ensure(super::names(&found), vec!["long".to_owned()])?;
    let shown = &found["edges"][0]["highlights"][0];
    ensure(
        (&shown["cutBefore"], &shown["cutAfter"]),
        (&json!(true), &json!(true)),
    )?;
    let pieces = shown["fragments"].as_array().ok_or("no fragments")?;
    let text: String = pieces
        .iter()
        .filter_map(|piece| piece["text"].as_str())
        .collect();
    ensure(
        (text.len() <= 320, text.contains("<b>needle</b> straw")),
        (true, true),
    )?;
    // The same word more often than a database keeps its places.
    ensure(
        named(&app, "\"hay hay\" \"straw straw\"").await?,
        vec!["long".to_owned()],
    )?;
    ensure(named(&app, "\"hay straw\"").await?, Vec::new())
}
