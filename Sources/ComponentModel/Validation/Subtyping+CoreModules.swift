/// Core modules and what they import and export.
extension Subtyping {
    func check(_ actual: ModuleID, _ wanted: ModuleID) throws(ComponentError) {
        if actual == wanted { return }
        let supplied = self.arena.module(actual)
        let shape = self.arena.module(wanted)
        try self.arena.spend(supplied.imports.count + shape.imports.count + shape.exports.names.count)
        var given: [CoreName: [CoreName: CoreEntityType]] = [:]
        for item in shape.imports { given[CoreName(item.module), default: [:]][CoreName(item.name)] = item.type }
        for item in supplied.imports {
            guard let type = given[CoreName(item.module)]?[CoreName(item.name)] else {
                throw self.invalid("missing expected import `\(item.module)::\(item.name)`")
            }
            try self.within("type mismatch in import `\(item.module)::\(item.name)`") { () throws(ComponentError) in
                try self.check(type, item.type)
            }
        }
        for name in shape.exports.names {
            let name = CoreName(name)
            guard let wanted = shape.exports.type(of: name) else { continue }
            guard let type = supplied.exports.type(of: name) else {
                throw self.invalid("missing expected export `\(name)`")
            }
            try self.within("type mismatch in export `\(name)`") { () throws(ComponentError) in
                try self.check(type, wanted)
            }
        }
    }

    func check(_ actual: CoreEntityType, _ wanted: CoreEntityType) throws(ComponentError) {
        let store = self.arena.coreTypes
        switch (actual, wanted) {
        case (.function(let actual), .function(let wanted)):
            guard store.isSubtype(actual, of: wanted) else {
                throw self.invalid("expected: \(store.text(wanted)), found: \(store.text(actual))")
            }
        case (.tag(let actual), .tag(let wanted)):
            guard actual == wanted else {
                throw self.invalid("expected tag type \(store.text(wanted)), found \(store.text(actual))")
            }
        case (.global(let actual), .global(let wanted)):
            guard actual.isMutable == wanted.isMutable else {
                throw self.invalid("global types differ in mutability")
            }
            guard actual.isShared == wanted.isShared else {
                throw self.invalid("global types differ in the shared flag")
            }
            let isMatch =
                wanted.isMutable ? actual.value == wanted.value : store.isSubtype(actual.value, of: wanted.value)
            guard isMatch else {
                throw self.invalid("expected global type \(wanted.value), found \(actual.value)")
            }
        case (.table(let actual), .table(let wanted)):
            guard actual.element == wanted.element else {
                throw self.invalid("expected table element type \(wanted.element), found \(actual.element)")
            }
            guard actual.limits.isShared == wanted.limits.isShared else {
                throw self.invalid("mismatch in the shared flag for tables")
            }
            guard actual.limits.matches(wanted.limits) else { throw self.invalid("mismatch in table limits") }
        case (.memory(let actual), .memory(let wanted)):
            guard actual.limits.isShared == wanted.limits.isShared else {
                throw self.invalid("mismatch in the shared flag for memories")
            }
            guard actual.limits.addressType == wanted.limits.addressType else {
                throw self.invalid("mismatch in index type used for memories")
            }
            guard actual.pageSize == wanted.pageSize else {
                throw self.invalid("mismatch in the page size for memories")
            }
            guard actual.limits.matches(wanted.limits) else { throw self.invalid("mismatch in memory limits") }
        default: throw self.invalid("expected \(wanted.sort.name), found \(actual.sort.name)")
        }
    }
}
