use super::hints::Hint;
use super::{Address, LogTrie, Place, Record, Records, StateError, wire};

impl LogTrie<'_> {
    /// The records at a place and below it that differ from what a peer hints it has, each after
    /// the one above it, until they have `budget` bytes, which is lowered by what they take. The
    /// record at the place itself is always among them, if there is one. `None` if the hints are
    /// malformed.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn records(
        &self,
        at: Address,
        hints: &[u8],
        budget: &mut usize,
    ) -> Result<Option<Records>, StateError> {
        let Some(hint) = Hint::decode(hints) else { return Ok(None) };
        let mut out = Vec::new();
        self.serve(at.0, &hint, budget, &mut out)?;
        Ok(Some(out))
    }

    fn serve(
        &self,
        place: Place,
        hint: &Hint,
        budget: &mut usize,
        out: &mut Records,
    ) -> Result<(), StateError> {
        let Some(stored) = self.trie.load(self.from, place)? else { return Ok(()) };
        let record = self.trie.decode(&stored)?;
        let bytes = wire::encode(&stored, &record, hint);
        *budget = budget.saturating_sub(Address::MAX_BYTES + bytes.len());
        out.push((Address(place), bytes));
        let Record::Inner(children) = record else { return Ok(()) };
        for (nibble, child) in children.iter().enumerate() {
            let Some(child) = child else { continue };
            let below = match hint {
                Hint::Unknown => continue,
                Hint::Nothing => &Hint::Nothing,
                Hint::Inner(hinted) => match &hinted[nibble] {
                    Some(hinted) if hinted.is_of(child) => continue,
                    Some(hinted) => &hinted.below,
                    None => &Hint::Nothing,
                },
            };
            if *budget == 0 {
                return Ok(());
            }
            self.serve(place.child(nibble), below, budget, out)?;
        }
        Ok(())
    }
}
