//! Where there are rows: how many in each slot, and at which moments in each series.
use super::timeline::Timeline;

#[derive(Clone)]
pub struct Live {
    /// By the numbers of the slots.
    rows: Vec<i64>,
    /// By those of the series.
    moments: Vec<Moments>,
}

/// Some of a timeline's moments, by their numbers.
#[derive(Clone, Default)]
pub struct Moments(Vec<u64>);

impl Live {
    pub fn of(rows: Vec<i64>, timeline: &Timeline) -> Self {
        let mut moments = vec![Moments::default(); timeline.series.len()];
        for (slot, count) in (0u32..).zip(&rows) {
            if *count > 0 {
                let place = timeline.place(slot);
                moments[place.series as usize].insert(place.moment);
            }
        }
        Self { rows, moments }
    }

    /// The same with more rows in these slots, or fewer.
    pub fn with(&self, changes: impl Iterator<Item = (u32, i64)>, timeline: &Timeline) -> Self {
        let mut rows = self.rows.clone();
        rows.resize(timeline.len(), 0);
        for (slot, count) in changes {
            rows[slot as usize] += count;
        }
        Self::of(rows, timeline)
    }

    /// Rows that there are in each slot.
    pub fn rows(&self) -> &[i64] {
        &self.rows
    }

    /// The moments at which a series has rows.
    pub fn moments(&self, series: usize) -> &Moments {
        &self.moments[series]
    }

    pub fn bytes(&self) -> usize {
        let moments = self.moments.iter().map(|moments| moments.0.len());
        (self.rows.len() + moments.sum::<usize>()) * size_of::<u64>()
            + self.moments.len() * size_of::<Moments>()
    }
}

impl Moments {
    fn insert(&mut self, moment: u32) {
        let (word, bit) = (moment as usize / 64, moment % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    pub fn add(&mut self, others: &Self) {
        if self.0.len() < others.0.len() {
            self.0.resize(others.0.len(), 0);
        }
        for (own, other) in self.0.iter_mut().zip(&others.0) {
            *own |= other;
        }
    }

    /// Those that both have.
    pub fn and(&self, others: &Self) -> Self {
        let both = self.0.iter().zip(&others.0);
        Self(both.map(|(own, other)| own & other).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (0u32..).zip(&self.0);
        words.flat_map(|(word, bits)| {
            (0..64u32)
                .filter(move |bit| bits >> bit & 1 == 1)
                .map(move |bit| word * 64 + bit)
        })
    }
}

impl FromIterator<u32> for Moments {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut moments = Self::default();
        for number in numbers {
            moments.insert(number);
        }
        moments
    }
}
