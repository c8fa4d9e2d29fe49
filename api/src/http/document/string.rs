//! Strings of a document: what their escapes and their indentation stand for.

/// The value of a string after its first quote, and how many bytes it takes with its last one.
pub fn plain(text: &str) -> Result<(String, usize), &'static str> {
    let mut value = String::new();
    let mut rest = text;
    while let Some(special) = rest.find(['"', '\\', '\n', '\r']) {
        let (ordinary, at) = rest.split_at(special);
        value.push_str(ordinary);
        if at.starts_with('"') {
            return Ok((value, text.len() - at.len() + 1));
        }
        let Some(escaped) = at.strip_prefix('\\') else {
            break;
        };
        let (c, length) = escape(escaped)?;
        value.push(c);
        rest = escaped.get(length..).unwrap_or_default();
    }
    Err("a string does not end on its line")
}

/// What stands after a backslash, and how many bytes it takes.
fn escape(text: &str) -> Result<(char, usize), &'static str> {
    let c = match text.bytes().next() {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text).ok_or("a string has an escape of no character"),
        _ => return Err("a string has an escape that is none"),
    };
    Ok((c, 1))
}

/// `u00E9`, `u{1F6A2}`, or two halves of a surrogate pair, `uD83D\uDEA2`.
fn unicode(text: &str) -> Option<(char, usize)> {
    if let Some(braced) = text.strip_prefix("u{") {
        let digits = braced.get(..braced.find('}')?)?;
        return Some((char::from_u32(hex(digits)?)?, digits.len() + 3));
    }
    let unit = |text: &str| hex(text.strip_prefix('u')?.get(..4)?);
    let high = unit(text)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some((char::from_u32(high)?, 5));
    }
    let low = unit(text.get(5..)?.strip_prefix('\\')?)?;
    let low = (0xDC00..0xE000).contains(&low).then_some(low)?;
    let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    Some((char::from_u32(code)?, 11))
}

fn hex(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}

/// The value of a block string after its first quotes, and how many bytes it takes with its last
/// ones. Its common indentation and its empty first and last lines are left out.
pub fn block(text: &str) -> Result<(String, usize), &'static str> {
    const QUOTES: &str = "\"\"\"";
    let mut raw = String::new();
    let mut rest = text;
    loop {
        let quotes = rest.find(QUOTES).ok_or("a block string does not end")?;
        let (before, at) = rest.split_at(quotes);
        rest = at.get(QUOTES.len()..).unwrap_or_default();
        let Some(escaped) = before.strip_suffix('\\') else {
            raw.push_str(before);
            return Ok((dedented(&raw), text.len() - rest.len()));
        };
        raw.push_str(escaped);
        raw.push_str(QUOTES);
    }
}

fn dedented(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let blank = |line: &str| line.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = raw.split('\n').skip(1).filter(|line| !blank(line));
    let common = common.map(indent).min().unwrap_or(0);
    let mut lines: Vec<_> = raw
        .split('\n')
        .enumerate()
        .map(|(number, line)| match number {
            0 => line,
            _ => line.get(common..).unwrap_or_default(),
        })
        .collect();
    while lines.last().is_some_and(|line| blank(line)) {
        lines.pop();
    }
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(0);
    lines.split_off(first).join("\n")
}
