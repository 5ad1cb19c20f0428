import AppModel

extension LockedApp {
    /// Moves what triggers compose around components to these: a component is known by its id alone. One that several
    /// triggers call, with different things around it, becomes several (`spin-parity.md` 1.6).
    mutating func moveTriggerDependencies() {
        let callers = Dictionary(grouping: self.triggers) { $0.triggerConfig["component"]?.string ?? "" }
        var taken = Set(self.components.map(\.id))
        for index in self.triggers.indices {
            let trigger = self.triggers[index]
            guard trigger.dependencies.contains(where: { !$0.value.isEmpty }),
                var id = trigger.triggerConfig["component"]?.string,
                let original = self.components.first(where: { $0.id == id })
            else { continue }
            if callers[id]?.count ?? 0 > 1 {
                var copy = original
                copy.id = Self.unusedID("\(id)-for-\(trigger.id)", taken: &taken)
                id = copy.id
                self.components.append(copy)
                self.triggers[index].triggerConfig["component"] = .string(id)
            }
            guard let place = self.components.firstIndex(where: { $0.id == id }) else { continue }
            self.components[place].triggerDependencies = trigger.dependencies
            self.components[place].metadata.composingTrigger = trigger.triggerType
            if trigger.dependencies["middleware"] != nil {
                self.components[place].hostRequirements[HostRequirement.middleware] = HostRequirement.required
            }
            self.triggers[index].dependencies = [:]
        }
    }

    private static func unusedID(_ stem: String, taken: inout Set<String>) -> String {
        var id = stem
        var number = 1
        while !taken.insert(id).inserted {
            id = "\(stem)-d\(number)"
            number += 1
        }
        return id
    }
}
