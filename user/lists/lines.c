/* SPDX-License-Identifier: MIT */
/*
 * One line of a list, in each of the formats that have lines. tests/unit/lists/test_lists.c has
 * samples of all. Never keeps anything, and never looks at another line.
 */
#include "lists/lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/fields.h"

#define ATF_COM  0x02 /* linux/if_arp.h: completed */
#define ATF_PERM 0x04

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* An address and a MAC address, which most formats have. */
static enum list_verdict binding(struct list_item *item, const char *address, const char *mac,
                                 struct fault *fault)
{
	enum list_verdict verdict = field_address(&item->address, address, fault);

	return verdict == LIST_BINDING ? field_mac(&item->mac, mac, fault) : verdict;
}

/*
 * 10.0.0.1 dev eth0 lladdr 02:50:2a:16:6d:01 REACHABLE
 * neigh replace 10.0.0.1 lladdr 02:50:2a:16:6d:01 nud permanent dev eth0
 * Unknown words are skipped: new versions of ip have new ones.
 */
static enum list_verdict ip_neigh(struct list_item *item, const struct list_words *words,
                                  struct fault *fault)
{
	const char *mac = NULL;
	enum list_verdict verdict, state = LIST_BINDING, found;
	unsigned at = 0;
	uint8_t said;

	while (at < words->count && at < 2 && isalpha((unsigned char)words->word[at][0]) &&
	       !strchr(words->word[at], ':'))
		at++; /* neigh replace */
	if (at == words->count)
		return fault_set(fault, -EINVAL, "no address in this line");
	verdict = field_address(&item->address, words->word[at], fault);
	if (verdict != LIST_BINDING)
		return verdict;
	while (++at < words->count) {
		const char *word = words->word[at];

		if (!strcmp(word, "proxy"))
			return LIST_UNBOUND;
		if (!strcmp(word, "dev") || !strcmp(word, "lladdr")) {
			if (++at == words->count)
				return fault_set(fault, -EINVAL, "the line ends too early");
			if (!strcmp(word, "lladdr"))
				mac = words->word[at];
			continue;
		}
		found = field_state(&said, word);
		if (found == LIST_BAD)
			continue;
		state = found;
		item->state = said;
	}
	if (state == LIST_UNBOUND)
		return LIST_UNBOUND;
	if (!mac)
		return fault_set(fault, -EINVAL, "no 'lladdr' with a MAC address in this line");
	return field_mac(&item->mac, mac, fault);
}

/* 02:50:2a:16:6d:01 10.0.0.1, or a host's name in place of its address */
static enum list_verdict ethers(struct list_item *item, const struct list_words *words,
                                const struct list_options *options, struct fault *fault)
{
	const char *host;
	enum list_verdict verdict;
	struct address written;

	if (words->count > 2 && words->word[2][0] != '#')
		return fault_set(fault, -EINVAL, "a line is a MAC address and a host, no more");
	if (words->count < 2 || words->word[1][0] == '#')
		return fault_set(fault, -EINVAL, "a line is a MAC address and a host");
	host = words->word[1];
	verdict = field_mac(&item->mac, words->word[0], fault);
	if (verdict == LIST_BINDING)
		verdict = field_host(&item->address, host, options, fault);
	if (verdict == LIST_BINDING && !field_is_address(host, &written))
		item->note = host;
	return verdict;
}

/* 0:50:2a:16:6d:1  10.0.0.1  1700000000  name  eth0, between tabs; the name may be empty */
static enum list_verdict arpwatch(struct list_item *item, const struct list_words *words,
                                  struct fault *fault)
{
	enum list_verdict verdict;

	if (words->count < 2)
		return fault_set(fault, -EINVAL,
		                 "a line is a MAC address, an IP address and a time");
	verdict = binding(item, words->word[1], words->word[0], fault);
	if (verdict != LIST_BINDING)
		return verdict;
	if (words->count > 2) {
		if (!is_number(words->word[2]))
			return fault_set(fault, -EINVAL, "the third word is not a time in seconds");
		item->heard = strtoll(words->word[2], NULL, 10);
	}
	if (words->count > 3 && !words->empty)
		item->note = words->word[3];
	return LIST_BINDING;
}

static bool has_word(const struct list_words *words, unsigned from, const char *word)
{
	for (unsigned i = from; i < words->count; i++)
		if (!strcasecmp(words->word[i], word))
			return true;
	return false;
}

/*
 * name (10.0.0.1) at 02:50:2a:16:6d:01 [ether] PERM on eth0    arp -a, of Linux and of the BSDs
 * 10.0.0.1  ether  02:50:2a:16:6d:01  C  eth0                   arp -n
 */
static enum list_verdict arp(struct list_item *item, const struct list_words *words,
                             struct fault *fault)
{
	bool incomplete = words->count > 1 && !strcmp(words->word[1], "(incomplete)");
	char address[ADDRESS_TEXT];
	size_t length;

	if (!strcmp(words->word[0], "Address"))
		return LIST_EMPTY;
	if (words->count > 1 && words->word[1][0] == '(' && !incomplete) {
		if (words->count < 4 || strcmp(words->word[2], "at") != 0)
			return fault_set(fault, -EINVAL,
			                 "a line is a name, (ADDRESS), 'at' and a MAC address");
		length = strcspn(words->word[1] + 1, ")");
		if (words->word[3][0] == '<' || words->word[3][0] == '(')
			return LIST_UNBOUND;
		if (length >= sizeof(address))
			return fault_set(fault, -EINVAL, "the address is too long");
		memcpy(address, words->word[1] + 1, length);
		address[length] = '\0';
		if (strcmp(words->word[0], "?") != 0)
			item->note = words->word[0];
		if (has_word(words, 4, "PERM") || has_word(words, 4, "permanent"))
			item->state = ENTRY_STATIC;
		return binding(item, address, words->word[3], fault);
	}
	if (incomplete)
		return LIST_UNBOUND;
	if (words->count < 4)
		return fault_set(fault, -EINVAL,
		                 "a line is an address, a type, a MAC address and flags");
	if (strchr(words->word[3], 'M'))
		item->state = ENTRY_STATIC;
	return binding(item, words->word[0], words->word[2], fault);
}

/* 10.0.0.1  0x1  0x2  02:50:2a:16:6d:01  *  eth0 */
static enum list_verdict proc(struct list_item *item, const struct list_words *words,
                              struct fault *fault)
{
	unsigned long flags;

	if (!strcmp(words->word[0], "IP"))
		return LIST_EMPTY;
	if (words->count < 4 || strncmp(words->word[2], "0x", 2) != 0)
		return fault_set(fault, -EINVAL,
		                 "a line is an address, a type, flags and a MAC address");
	flags = strtoul(words->word[2], NULL, 16);
	if (!(flags & ATF_COM))
		return LIST_UNBOUND;
	if (flags & ATF_PERM)
		item->state = ENTRY_STATIC;
	return binding(item, words->word[0], words->word[3], fault);
}

/*
 * 1700000000 02:50:2a:16:6d:01 10.0.0.1 name 01:02:50:2a:16:6d:01
 * duid 00:01:00:01:2c:6d:9e:80:02:50:2a:16:6d:01            of the server; IPv6 follows
 * 1700000000 12345 2001:db8::17 name 00:01:00:01:2c:6d:9e:80:02:50:2a:16:6d:02
 * With IPv6 the client is known by its DUID, which has a MAC of it, mostly of this interface.
 */
static enum list_verdict dnsmasq(struct list_item *item, const struct list_words *words,
                                 struct fault *fault)
{
	enum list_verdict verdict;

	if (!strcmp(words->word[0], "duid"))
		return LIST_EMPTY;
	if (words->count < 3 || !is_number(words->word[0]))
		return fault_set(fault, -EINVAL,
		                 "a line is a time, a MAC address, an IP address and a name");
	verdict = field_address(&item->address, words->word[2], fault);
	if (verdict != LIST_BINDING)
		return verdict;
	if (words->count > 3 && strcmp(words->word[3], "*") != 0)
		item->note = words->word[3];
	if (address_is_v4(item->address))
		return field_mac(&item->mac, words->word[1], fault);
	return words->count > 4 && field_duid_mac(words->word[4], &item->mac) ? LIST_BINDING
	                                                                      : LIST_UNBOUND;
}

static bool is_dash(const struct list_words *words, unsigned at)
{
	return at < words->count && !strcmp(words->word[at], "-");
}

/* An interface's name, an address and a MAC. */
static bool is_asa(const struct list_words *words)
{
	struct address address;
	struct mac mac;

	return words->count > 2 && !field_is_address(words->word[0], &address) &&
	       field_is_address(words->word[1], &address) && field_is_mac(words->word[2], &mac);
}

/* Of Junos: the word behind a name is its interface, which has a number. Behind an interface there
 * are flags, or another interface in brackets. */
static bool has_name(const struct list_words *words)
{
	return words->count > 3 && words->word[3][0] != '[' &&
	       strpbrk(words->word[3], "0123456789");
}

/*
 * Internet  10.0.0.1  12  0250.2a16.6d01  ARPA  Vlan10            Cisco IOS
 * 10.0.0.1  00:01:05  0250.2a16.6d01  Vlan10                       NX-OS, Arista EOS
 * 02:50:2a:16:6d:01 10.0.0.1  printer  ge-0/0/0.0  none            Junos
 * 02:50:2a:16:6d:01 10.0.0.1  ge-0/0/0.0  none  1183               Junos, no-resolve
 * 2001:DB8::1  0  0250.2a16.6d01  REACH  Vlan10                   Cisco IOS, of IPv6
 * 2001:db8::1  02:50:2a:16:6d:01  reachable  0  yes  no  ge-0/0/0.0    Junos, of IPv6
 * inside 10.0.0.1 0250.2a16.6d01 1204                             Cisco ASA
 * Of IPv6 and of an ASA, '-' in place of an age means a static one. Without an address it is a
 * title, or a legend.
 */
static enum list_verdict show_arp(struct list_item *item, const struct list_words *words,
                                  struct fault *fault)
{
	unsigned at = 0, mac = 0;

	while (at < words->count && !field_is_address(words->word[at], &item->address))
		at++;
	if (at == words->count || at > 1)
		return LIST_EMPTY;
	while (mac < words->count && !field_is_mac(words->word[mac], &item->mac))
		mac++;
	if (mac == words->count && (has_word(words, at, "incomplete") ||
	                            has_word(words, at, "incmp") || is_dash(words, at + 2)))
		return LIST_UNBOUND;
	if (mac == words->count)
		return fault_set(fault, -EINVAL, "no MAC address in this line");
	if (mac < at && has_name(words) && strcmp(words->word[2], words->word[at]) != 0)
		item->note = words->word[2];
	if (is_asa(words) && has_word(words, mac, "alias"))
		return LIST_UNBOUND; /* its own, by proxy ARP */
	if (has_word(words, at, "permanent") || has_word(words, at, "static") ||
	    (is_asa(words) && is_dash(words, mac + 1)) ||
	    (!address_is_v4(item->address) && is_dash(words, at + 1)))
		item->state = ENTRY_STATIC;
	return field_mac(&item->mac, words->word[mac], fault);
}

enum list_verdict list_line(struct list_item *item, enum list_format format,
                            const struct list_words *words, const struct list_options *options,
                            struct fault *fault)
{
	if (words->count == 0 || words->word[0][0] == '#')
		return LIST_EMPTY;
	item->state = ENTRY_DYNAMIC;
	switch (format) {
	case LIST_IP_NEIGH:
		return ip_neigh(item, words, fault);
	case LIST_ETHERS:
		item->state = ENTRY_STATIC;
		return ethers(item, words, options, fault);
	case LIST_ARPWATCH:
		return arpwatch(item, words, fault);
	case LIST_ARP:
		return arp(item, words, fault);
	case LIST_PROC:
		return proc(item, words, fault);
	case LIST_DNSMASQ:
		return dnsmasq(item, words, fault);
	case LIST_SHOW_ARP:
		return show_arp(item, words, fault);
	default:
		return fault_set(fault, -EINVAL, "there are no lines of this format");
	}
}

static bool is_dhcpd(const struct list_words *words)
{
	char *const *word = words->word;

	if (!strcmp(word[0], "lease") || !strcmp(word[0], "host"))
		return strchr(word[1], '{') || (words->count > 2 && word[2][0] == '{');
	if (!strcmp(word[0], "ia-na"))
		return word[1][0] == '"';
	return !strcmp(word[0], "hardware") && !strcmp(word[1], "ethernet");
}

/* Of IOS, of an ASA, or of Junos, where /etc/ethers would have no more than two words. */
static bool is_routers(const struct list_words *words)
{
	char *const *word = words->word;
	struct address address;
	struct mac mac;

	if (words->count < 4)
		return is_asa(words);
	return is_asa(words) || !strcmp(word[0], "Internet") ||
	       (field_is_mac(word[0], &mac) && address_parse(&address, word[1]) == 0 &&
	        !is_number(word[2]) && word[2][0] != '#');
}

static bool is_dnsmasq(const struct list_words *words)
{
	char *const *word = words->word;
	struct address address;
	struct mac mac;

	if (!is_number(word[0]) || words->count < 3)
		return false;
	return field_is_mac(word[1], &mac) ||
	       (field_is_address(word[2], &address) && !address_is_v4(address));
}

enum list_format list_line_format(const struct list_words *words)
{
	char *const *word = words->word;
	struct mac mac;
	struct address address;

	if (words->count < 2 || word[0][0] == '#')
		return LIST_FORMATS;
	if (is_dhcpd(words))
		return LIST_DHCPD;
	if (is_routers(words))
		return LIST_SHOW_ARP;
	if (field_is_mac(word[0], &mac)) {
		if (words->count > 2 && is_number(word[2]))
			return LIST_ARPWATCH;
		return LIST_ETHERS;
	}
	if (word[1][0] == '(' && (words->count > 3 || !strcmp(word[1], "(incomplete)")))
		return LIST_ARP;
	if (is_dnsmasq(words))
		return LIST_DNSMASQ;
	if (!strcmp(word[0], "neigh"))
		return LIST_IP_NEIGH;
	if (!field_is_address(word[0], &address))
		return LIST_FORMATS;
	if (!strncmp(word[1], "0x", 2))
		return LIST_PROC;
	if (!strcmp(word[1], "dev") || !strcmp(word[1], "lladdr"))
		return LIST_IP_NEIGH;
	if (words->count > 3 && field_is_mac(word[1], &mac))
		return LIST_SHOW_ARP; /* Junos, of IPv6 */
	/* Between the two a type, or an age: 00:01:05, 12, -, N/A. */
	if (words->count > 3 && field_is_mac(word[2], &mac))
		return isdigit((unsigned char)*word[1]) || strchr("-N", *word[1]) ? LIST_SHOW_ARP
		                                                                  : LIST_ARP;
	return isupper((unsigned char)*word[1]) ? LIST_IP_NEIGH : LIST_FORMATS;
}
