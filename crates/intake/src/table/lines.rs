//! The numbers of lines, as an editor counts them.

/// Counts lines of a text from its beginning on. A line ends with a line feed, a carriage return, or both.
pub struct Lines<'a> {
    source: &'a [u8],
    /// What is counted already, in bytes.
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Begins at the first line of a text.
    pub fn of(source: &'a [u8]) -> Self {
        Self { source, counted: 0, line: 1 }
    }

    /// The line, counted from 1, of what begins at a byte or behind the ends of lines there; asked for in the order of the text.
    pub fn number(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(letter) = self.source.get(self.counted) {
            let is_end = matches!(letter, b'\r' | b'\n');
            if self.counted >= byte && !is_end {
                break;
            }
            self.counted += 1;
            let is_first_of_two = *letter == b'\r' && self.source.get(self.counted) == Some(&b'\n');
            self.line += u64::from(is_end && !is_first_of_two);
        }
        self.line
    }
}
