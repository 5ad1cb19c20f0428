/// Measures subjects in turn, A B C A B C …, so that the drift of a shared machine meets all of them.
struct Rounds {
    let count: Int

    /// - Parameter subjects: each measures itself once and gives the value.
    /// - Returns: the values of each subject, in the order of the subjects.
    func measure(_ subjects: [() throws -> Double]) throws -> [Samples] {
        var values = Array(repeating: [Double](), count: subjects.count)
        for round in 0..<self.count {
            for (index, subject) in subjects.enumerated() {
                Progress.note("round \(round + 1) of \(self.count), subject \(index + 1) of \(subjects.count)")
                values[index].append(try subject())
            }
        }
        return values.map { Samples($0) }
    }
}
