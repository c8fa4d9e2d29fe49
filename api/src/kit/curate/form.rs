//! Texts of a form of their own, by the standards that set it.

/// A language tag (BCP 47).
pub fn language(text: &str) -> Result<(), &'static str> {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_primary =
        (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase());
    let are_further = parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    (is_primary && are_further)
        .then_some(())
        .ok_or("a language tag (BCP 47), such as en or zh-Hans")
}

/// A currency code (ISO 4217).
pub fn currency(text: &str) -> Result<(), &'static str> {
    let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
    is_code
        .then_some(())
        .ok_or("a currency code (ISO 4217), such as USD")
}

/// A name in addresses.
pub fn slug(text: &str) -> Result<(), &'static str> {
    let is_ours = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let plain = (1..=80).contains(&text.len()) && text.bytes().all(is_ours);
    let ends_well = !text.starts_with('-') && !text.ends_with('-');
    (plain && ends_well)
        .then_some(())
        .ok_or("a slug: up to 80 lower-case letters, digits and hyphens, such as comtrade-2023")
}

/// A SHA-256, as hex.
pub fn sha256(text: &str) -> Result<(), &'static str> {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (text.len() == 64 && text.bytes().all(is_hex))
        .then_some(())
        .ok_or("a SHA-256 as 64 lower-case hex digits")
}
