# Names of DNS queries for `link.address`.
module Bosh
  module Director
    class DnsInvalidCanonicalName < StandardError; end

    class DnsEncoder
      STATUS = { 'healthy' => 3, 'unhealthy' => 1, 'all' => 4, 'default' => 0 }.freeze

      # ids: {'azs' => {name => id}, 'networks' => {...}, 'instances' => {uuid => id}, 'groups' => [{group_type, group_name, deployment, id}]}
      def initialize(ids)
        @azs, @networks, @instances = ids.values_at('azs', 'networks', 'instances').map { |part| part || {} }
        @groups = (ids['groups'] || []).to_h { |group| [group.values_at('group_type', 'group_name', 'deployment'), group['id']] }
      end

      def encode_query(criteria, short)
        first = criteria[:uuid].nil? || short ? "q-#{slug(criteria, short)}" : criteria[:uuid]
        [first, *(short ? short_group(criteria) : long_group(criteria)), criteria[:root_domain]].join('.')
      end

      private

      def slug(criteria, short)
        pieces = (criteria[:azs] || []).map { |az| az.nil? ? 'a' : "a#{known(@azs, az, 'AZ')}" }
        if short
          pieces << "m#{known(@instances, criteria[:uuid], 'instance UUID')}" unless criteria[:uuid].nil?
          pieces << "n#{known(@networks, criteria[:default_network], 'Network')}" unless criteria[:default_network].nil?
        end
        pieces << 'y1' if criteria[:initial_health_check] == 'synchronous'
        pieces << 'y0' if criteria[:initial_health_check] == 'asynchronous'
        pieces << "s#{STATUS.fetch(criteria[:status], 0)}"
        pieces.sort.join
      end

      def known(ids, name, noun)
        ids[name] || raise("Unknown #{noun}: '#{name}'")
      end

      def short_group(criteria)
        "q-g#{@groups[criteria.values_at(:group_type, :group_name, :deployment_name)]}"
      end

      def long_group(criteria)
        %i[group_name default_network deployment_name].map { |part| canonical(criteria.fetch(part)) }
      end

      def canonical(name)
        plain = name.downcase.tr('_', '-').gsub(/[^a-z0-9-]/, '')
        raise DnsInvalidCanonicalName, "Invalid DNS canonical name '#{plain}', cannot start with a hyphen" if plain.start_with?('-')
        raise DnsInvalidCanonicalName, "Invalid DNS canonical name '#{plain}', cannot end with a hyphen" if plain.end_with?('-')

        plain
      end
    end
  end

  module Common
    module Template
      # A manual link's address is what the manifest says, whatever is asked.
      class ManualLinkDnsEncoder
        def initialize(address) = @address = address
        def encode_query(*) = @address
      end
    end
  end
end
