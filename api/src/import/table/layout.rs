//! What a file must look like.

/// The form of a file, before anything of it is read.
pub struct Layout {
    /// What the file should have been, for someone who brought another.
    pub expected: String,
    /// What stands between the fields of CSV.
    pub delimiter: u8,
    /// Sets of columns, one of which a file must have in full.
    sets: Vec<Vec<Spellings>>,
}

/// A column by all the names that it may have in a file.
type Spellings = Vec<String>;

impl Layout {
    /// A file of which nothing is asked yet: CSV with commas, or JSON.
    pub fn csv(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            delimiter: b',',
            sets: Vec::new(),
        }
    }

    /// The file has all of these columns, or those of another set.
    pub fn columns(self, names: &[&str]) -> Self {
        self.spelled(names.iter().map(|name| vec![(*name).to_owned()]).collect())
    }

    /// The file has all of these columns, each by one of its names, or those of another set.
    pub fn spelled(mut self, columns: Vec<Spellings>) -> Self {
        self.sets.push(columns);
        self
    }

    /// The columns that a file lacks, of the set that it comes nearest to; none when it has all.
    pub fn missing(&self, has: impl Fn(&str) -> bool) -> Vec<String> {
        let lacks = |spellings: &&Spellings| !spellings.iter().any(|name| has(name));
        let missing = |set: &Vec<Spellings>| -> Vec<String> {
            let columns = set.iter().filter(lacks);
            columns.map(|spellings| spellings.join(" or ")).collect()
        };
        let sets = self.sets.iter().map(missing);
        sets.min_by_key(Vec::len).unwrap_or_default()
    }
}
