//! What is seen of a history.

/// What was seen, for whoever reads about a broken promise.
#[derive(Default)]
pub(crate) struct Story {
    told: bool,
    pub(crate) steps: Vec<String>,
    /// A mark of all steps: equal histories have equal marks.
    pub(crate) mark: u64,
    begin: Option<i64>,
}

impl Story {
    /// `told`: whether steps are kept for whoever reads them.
    pub(crate) fn new(told: bool) -> Self {
        Self {
            told,
            ..Self::default()
        }
    }

    /// A promise was broken here.
    pub(crate) fn broken(&mut self, what: &str) {
        if self.told {
            self.steps.push(format!("         BROKEN: {what}"));
        }
    }

    /// Something happened. `numbers` say what, for the mark.
    pub(crate) fn step(&mut self, now: i64, numbers: [i64; 3], text: impl FnOnce() -> String) {
        let begin = *self.begin.get_or_insert(now);
        for number in numbers.into_iter().chain([now]) {
            let mixed = self.mark.rotate_left(5) ^ number.cast_unsigned();
            self.mark = mixed.wrapping_mul(0x517C_C1B7_2722_0A95);
        }
        if self.told {
            let ms = (now - begin) / 1000;
            self.steps
                .push(format!("{:>4}.{:03} {}", ms / 1000, ms % 1000, text()));
        }
    }
}
